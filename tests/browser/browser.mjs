// What the browser tests share: a chromium, people in it, and what is looked at in a page.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HtmlValidate } from 'html-validate';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const validator = new HtmlValidate({ root: true, extends: ['html-validate:standard'] });
const ARGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
	'--disable-background-networking', '--disable-component-update', '--disable-sync'];

export function check(yes, what) {
	if (!yes)
		throw new Error(what);
}

let number = 0;

export class Site {
	static async start(url, out) {
		const site = new Site();
		site.url = url;
		site.out = out;
		site.contexts = [];
		// one folder and one process for all; people are apart by their contexts
		site.folder = mkdtempSync(join(tmpdir(), 'onebox-chromium-'));
		site.browser = await chromium.launch({
			executablePath: '/usr/bin/chromium', args: ARGS, headless: true,
			env: { ...process.env, HOME: site.folder },
		});
		return site;
	}

	async end() {
		await this.browser.close();
		rmSync(this.folder, { recursive: true, force: true });
	}

	// A visitor: a page in a context of its own, which notes every request and mistake.
	async visitor(options = {}) {
		const context = await this.browser.newContext({ baseURL: this.url, locale: 'en', ...options });
		const page = await context.newPage();
		this.contexts.push(context);
		page.setDefaultTimeout(10000);
		page.requests = [];
		page.complaints = [];
		page.on('request', r => page.requests.push(r.url()));
		page.on('console', m => page.complaints.push(m.text()));
		page.on('pageerror', e => page.complaints.push(String(e)));
		return page;
	}

	// The one that tests/browser/run has made.
	async keeper(options = {}) {
		const page = await this.visitor(options);
		await page.goto('/login');
		await page.fill('input[name="email"]', 'keeper@example.com');
		await page.fill('input[name="password"]', 'password123');
		await page.click('button[type="submit"]');
		await page.waitForURL('/');
		return page;
	}

	async forget() {
		for (const context of this.contexts)
			await context.close();
		this.contexts = [];
	}

	async member(options = {}, name = `person${process.pid}${++number}`) {
		const page = await this.visitor(options);
		page.person = { name, email: `${name}@example.com`, password: 'password123' };
		await page.goto('/register');
		await page.fill('input[name="username"]', name);
		await page.fill('input[name="email"]', page.person.email);
		await page.fill('input[name="password"]', page.person.password);
		await page.click('button[type="submit"]');
		await page.waitForURL('/');
		return page;
	}

	async picture(page, name) {
		await page.screenshot({ path: join(this.out, `${name}.png`), fullPage: true });
	}
}

// Writes and publishes; gives the article's address.
export async function publish(page, { title, description = 'What it is about', body, tags = [] }) {
	await page.goto('/editor');
	await page.fill('input[name="title"]', title);
	await page.fill('input[name="description"]', description);
	await page.fill('textarea[name="body"]', body);
	for (const tag of tags) {
		await page.fill('input[placeholder="Enter tags"]', tag);
		await page.press('input[placeholder="Enter tags"]', 'Enter');
		await page.locator('.tag-list .tag-pill').filter({ hasText: tag }).waitFor();
	}
	await page.click('button:has-text("Publish Article")');
	await page.waitForURL(/\/article\/.+/);
	return new URL(page.url()).pathname;
}

// Saves a draft; gives its address.
export async function keep(page, { title, description = '', body = '' }) {
	await page.goto('/editor');
	await page.fill('input[name="title"]', title);
	await page.fill('input[name="description"]', description);
	await page.fill('textarea[name="body"]', body);
	await page.click('button:has-text("Save draft")');
	await page.waitForURL(/\/drafts\/.+/);
	return new URL(page.url()).pathname;
}

// Changes an article; gives its address, which may be another.
export async function change(page, article, fields) {
	await page.goto(article.replace('/article/', '/editor/'));
	for (const [name, value] of Object.entries(fields))
		await page.fill(`[name="${name}"]`, value);
	await page.click('button:has-text("Publish Article")');
	await page.waitForURL(/\/article\/.+/);
	return new URL(page.url()).pathname;
}

// Everything that axe-core finds wrong, in words.
export async function accessibility(page) {
	await page.evaluate(axe);
	const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
	return found.violations.map(v => `${v.id}: ${v.help}: ` +
		v.nodes.slice(0, 3).map(n => n.html + ' ' + n.failureSummary).join('; '));
}

// What is not HTML as the standard has it.
export async function validity(html) {
	const report = await validator.validateString(html);
	return report.results.flatMap(r => r.messages).map(m => `${m.line}:${m.column} ${m.ruleId}: ${m.message}`);
}

// How many pixels one must scroll sideways.
export async function overflow(page) {
	return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
