// Opens a trace.json in somebody else's reader of the format (speedscope), as a user would, and prints
// what it made of it: node trace.js TRACE
const path = require('path');
const {chromium} = require('playwright-core');

async function main() {
	const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
	// It draws with WebGL, for which a machine without a graphics card has a slow way.
	const browser = await chromium.launch({executablePath,
		args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader']});
	const page = await browser.newPage();
	const said = [];

	page.on('console', message => said.push(message.text()));
	page.on('pageerror', error => said.push(error.message));
	page.on('dialog', dialog => {
		said.push(dialog.message());
		dialog.dismiss();
	});
	await page.goto('file://' + path.join(__dirname, 'node_modules/speedscope/dist/release/index.html'));
	await page.setInputFiles('input[type=file]', process.argv[2]);
	await page.waitForFunction(() => document.title.includes('trace.json') || document.body.innerText.includes('Something went wrong'));
	console.log(JSON.stringify({title: await page.title(), text: await page.innerText('body'), said}));
	await browser.close();
}

main().catch(error => {
	console.error(error);
	process.exit(1);
});
