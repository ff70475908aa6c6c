// What the page can do with a script; without one it only cannot search, filter, sort and copy.
'use strict';

const byId = id => document.getElementById(id);

// The element that tells of a test: its block among the failures, else its row.
function placeOf(test) {
	return byId('t' + test) || byId('r' + test);
}

// Unfold whatever hides an element.
function reveal(element) {
	for (let fold = element.closest('details'); fold; fold = fold.parentElement.closest('details'))
		fold.open = true;
	element.hidden = false;
}

function showTarget() {
	const target = byId(decodeURIComponent(location.hash.slice(1)));
	if (target) {
		reveal(target);
		target.scrollIntoView({block: 'center'});
	}
}

// --- search and filter -----------------------------------------------------------------------

const rows = [...byId('rows').rows];
const blocks = [...document.querySelectorAll('article.test')];
const texts = new Map();

function textOf(element) {
	if (!texts.has(element))
		texts.set(element, element.textContent.toLowerCase());
	return texts.get(element);
}

function classOf(element) {
	return element.tagName === 'ARTICLE' ? element.classList[1] : element.className;
}

function areaOf(row) {
	return row.cells[2].textContent;
}

function filter() {
	const words = byId('query').value.toLowerCase().split(/\s+/).filter(Boolean);
	const wanted = new Set([...document.querySelectorAll('#verdicts input:checked')].map(box => box.value));
	const area = byId('area').value;
	const fits = element => (wanted.size === 0 || wanted.has(classOf(element))) &&
		words.every(word => textOf(element).includes(word));
	const isFiltered = words.length > 0 || wanted.size > 0 || area !== '';
	let found = 0;

	for (const row of rows) {
		row.hidden = !(fits(row) && (area === '' || areaOf(row) === area));
		found += row.hidden ? 0 : 1;
	}
	for (const block of blocks)
		block.hidden = !(fits(block) && (area === '' || block.dataset.area === area));
	if (isFiltered)
		byId('table').open = true;
	byId('found').textContent = isFiltered ? found + ' of ' + rows.length + ' tests' : '';
}

function addVerdictBoxes() {
	for (const name of new Set(rows.map(row => row.className))) {
		const label = document.createElement('label');
		const box = document.createElement('input');
		box.type = 'checkbox';
		box.value = name;
		label.append(box, ' ' + name.replace('_', ' '));
		byId('verdicts').append(label);
	}
}

function addAreas() {
	for (const name of [...new Set(rows.map(areaOf))].sort())
		byId('area').append(new Option(name, name));
}

function startSearch() {
	let timer;

	addVerdictBoxes();
	addAreas();
	byId('find').hidden = false;
	byId('find').addEventListener('submit', event => event.preventDefault());
	byId('find').addEventListener('reset', () => setTimeout(filter));
	byId('verdicts').addEventListener('change', filter);
	byId('area').addEventListener('change', filter);
	byId('query').addEventListener('input', () => {
		clearTimeout(timer);
		timer = setTimeout(filter, rows.length > 2000 ? 150 : 0);
	});
	document.addEventListener('keydown', event => {
		const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
		if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
			event.preventDefault();
			byId('query').focus();
		}
	});
}

// --- sorting ---------------------------------------------------------------------------------

// "1h02m03s", "3m47s", "12.3s" as seconds; anything else as it is.
function valueOf(text) {
	const span = /^(?:(\d+)h)?(?:(\d+)m)?(\d+(?:\.\d+)?)s$/.exec(text);
	if (span)
		return (+span[1] || 0) * 3600 + (+span[2] || 0) * 60 + +span[3];
	return text === '' ? -1 : isNaN(text) ? text : +text;
}

function sortBy(column, header) {
	const isUp = header.getAttribute('aria-sort') !== 'ascending';
	const values = new Map(rows.map(row => [row, valueOf(row.cells[column].textContent.trim())]));
	const compare = (a, b) => typeof a === 'string' && typeof b === 'string' ? a.localeCompare(b)
		: typeof a === typeof b ? a - b : typeof a === 'string' ? 1 : -1;

	for (const other of header.parentElement.cells)
		other.removeAttribute('aria-sort');
	header.setAttribute('aria-sort', isUp ? 'ascending' : 'descending');
	byId('rows').append(...[...rows].sort((a, b) => compare(values.get(a), values.get(b)) * (isUp ? 1 : -1)));
}

function startSorting() {
	const headers = document.querySelectorAll('.all thead th');
	headers.forEach((header, column) => {
		const button = document.createElement('button');
		button.type = 'button';
		button.textContent = header.textContent;
		button.addEventListener('click', () => sortBy(column, header));
		header.replaceChildren(button);
	});
}

// --- the rest --------------------------------------------------------------------------------

function startCopying() {
	if (!navigator.clipboard)
		return;
	for (const code of document.querySelectorAll('.rerun code')) {
		const button = document.createElement('button');
		button.type = 'button';
		button.className = 'copy';
		button.textContent = 'copy';
		button.addEventListener('click', async () => {
			await navigator.clipboard.writeText(code.textContent);
			button.textContent = 'copied';
			setTimeout(() => { button.textContent = 'copy'; }, 1500);
		});
		code.after(button);
	}
}

document.addEventListener('click', event => {
	const bar = event.target.closest('[data-t]');
	const place = bar && placeOf(bar.dataset.t);
	if (place)
		location.hash = place.id;
});
window.addEventListener('hashchange', showTarget);
window.addEventListener('beforeprint', () => {
	for (const fold of document.querySelectorAll('.case'))
		fold.open = true;
});
startSearch();
startSorting();
startCopying();
if (location.hash)
	showTarget();
