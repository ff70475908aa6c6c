// Opens a report in a real browser and prints what is to be seen, as JSON: look.js PAGE [PICTURES].
'use strict';
const fs = require('fs');
const path = require('path');
const {chromium} = require('playwright-core');

const axeSource = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const [file, pictures] = process.argv.slice(2);
const address = 'file://' + path.resolve(file);

// A page that keeps account of what it says and asks for.
async function open(browser, options) {
	const context = await browser.newContext({viewport: {width: 1360, height: 900}, ...options});
	const page = await context.newPage();
	const said = [];
	const asked = [];
	page.on('console', message => said.push(message.text()));
	page.on('pageerror', error => said.push(String(error)));
	page.on('dialog', dialog => { said.push('dialog: ' + dialog.message()); dialog.dismiss(); });
	page.on('request', request => asked.push(request.url()));
	const started = Date.now();
	await page.goto(address);
	await page.evaluate(() => document.body.offsetHeight);
	return {page, said, asked, opened_ms: Date.now() - started};
}

async function picture(page, name) {
	if (pictures)
		await page.screenshot({path: path.join(pictures, name + '.png'), fullPage: true});
}

// axe cannot be put into the page itself, whose policy forbids it; an isolated evaluation may.
async function faultsOf(page) {
	await page.evaluate(axeSource);
	const result = await page.evaluate(() => window.axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']}));
	if (result.passes.length < 10)
		throw new Error('axe looked at next to nothing');
	return result.violations.filter(fault => ['serious', 'critical', 'moderate'].includes(fault.impact))
		.map(fault => ({id: fault.id, impact: fault.impact, where: fault.nodes.slice(0, 5).map(node => node.html.slice(0, 160))}));
}

function countsOf(page) {
	return page.evaluate(() => Object.fromEntries([...document.querySelectorAll('.counts li')]
		.map(item => [item.classList[0], Number(item.querySelector('b').textContent.replaceAll(',', ''))])));
}

function lanesOf(page) {
	return page.evaluate(() => [...document.querySelectorAll('.lane')].map(lane => ({
		worker: Number(lane.dataset.worker),
		idle: ['x', 'width'].map(name => Number(lane.querySelector('.idle').getAttribute(name))),
		bars: [...lane.querySelectorAll('g > rect:not(.idle)')].map(bar => ({
			x: Number(bar.getAttribute('x')), width: Number(bar.getAttribute('width')),
			test: bar.dataset.t === undefined ? null : Number(bar.dataset.t),
			title: bar.querySelector('title').textContent,
		})).sort((a, b) => a.x - b.x),
	})));
}

const visibleRows = page => page.evaluate(() => [...document.querySelectorAll('#rows tr')]
	.filter(row => row.checkVisibility()).map(row => row.cells[1].textContent.trim()));

async function search(page) {
	const found = {};
	const table = page.locator('#table');

	await page.keyboard.press('/');
	found.slash_focuses = await page.evaluate(() => document.activeElement.id === 'query');
	await page.fill('#query', 'checkout');
	await page.waitForFunction(() => document.getElementById('found').textContent !== '');
	found.checkout = await visibleRows(page);
	found.said = await page.textContent('#found');
	found.table_is_open = await table.evaluate(fold => fold.open);
	await page.click('#find button[type=reset]');
	await page.waitForFunction(() => document.getElementById('found').textContent === '');
	found.all = (await visibleRows(page)).length;
	if (await page.locator('#verdicts input[value=failed]').count()) {
		await page.check('#verdicts input[value=failed]');
		found.failed = await visibleRows(page);
		found.blocks = await page.evaluate(() => [...document.querySelectorAll('article.test')]
			.filter(block => block.checkVisibility()).map(block => block.classList[1]));
		await page.uncheck('#verdicts input[value=failed]');
	}
	await page.click('.all thead th:nth-child(5) button');
	await page.click('.all thead th:nth-child(5) button');
	found.slowest = (await visibleRows(page))[0];
	return found;
}

async function links(page) {
	return page.evaluate(() => ({
		dead: [...document.querySelectorAll('a[href^="#"]')].map(link => link.getAttribute('href').slice(1))
			.filter(id => !document.getElementById(id)),
		outside: [...document.querySelectorAll('[href], [src]')].map(item => item.getAttribute('href') || item.getAttribute('src'))
			.filter(target => /^[a-z][a-z0-9+.-]*:/i.test(target) && target !== 'data:,'),
		twice: [...document.querySelectorAll('[id]')].map(item => item.id)
			.filter((id, index, all) => all.indexOf(id) !== index),
	}));
}

// A bar leads to the test that it shows.
async function followBar(page) {
	const bar = page.locator('.lane rect[data-t]').first();
	if (!await bar.count())
		return null;
	const test = await bar.getAttribute('data-t');
	await bar.dispatchEvent('click');
	return page.evaluate(wanted => location.hash === '#t' + wanted || location.hash === '#r' + wanted, test);
}

async function main() {
	const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
	const browser = await chromium.launch({executablePath, args: ['--no-sandbox', '--disable-gpu']});
	const seen = {schemes: {}};

	for (const colorScheme of ['light', 'dark']) {
		const {page, said, asked, opened_ms} = await open(browser, {colorScheme});
		await picture(page, colorScheme);
		seen.schemes[colorScheme] = {ground: await page.evaluate(() => getComputedStyle(document.body).backgroundColor),
			faults: await faultsOf(page)};
		if (colorScheme === 'light') {
			Object.assign(seen, {title: await page.title(), opened_ms, counts: await countsOf(page), lanes: await lanesOf(page),
				links: await links(page), bar_leads: await followBar(page)});
		}
		Object.assign(seen.schemes[colorScheme], {said, asked});
		await page.context().close();
	}
	const fresh = await open(browser, {});
	seen.search = await search(fresh.page);
	seen.said_in_search = fresh.said;
	const plain = await open(browser, {javaScriptEnabled: false});
	await picture(plain.page, 'without-script');
	seen.without_script = {text: await plain.page.innerText('main'), find_is_hidden: !await plain.page.isVisible('#find'), said: plain.said};
	const narrow = await open(browser, {viewport: {width: 390, height: 800}});
	seen.narrow_overflow = await narrow.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
	await picture(narrow.page, 'narrow');
	await fresh.page.emulateMedia({media: 'print'});
	await picture(fresh.page, 'print');
	await browser.close();
	console.log(JSON.stringify(seen));
}

main().catch(error => {
	console.error(error);
	process.exit(1);
});
