// Every page, as visitor and as member, light and dark: nothing that axe-core minds, no
// scrolling sideways at 320 px (a small screen, or a large one at 400 %), no script, nothing
// from elsewhere, valid HTML; and a picture.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accessibility, change, check, keep, overflow, publish, validity } from './browser.mjs';

const LONG = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen'.repeat(2);
const BODY = `A first paragraph with \`code\`, *words* and a [link](https://example.com).

# A heading

> Somebody said this.

\`\`\`
int main(void) { return 0; } /* ${'a long line '.repeat(12)} */
\`\`\`

| Name | What it does |
| --- | --- |
| dnsd | answers ${LONG} |

- one
- two ${LONG}
`;

function pages(article, person) {
	return {
		home: '/', following: '/?feed=following', tag: '/tag/onebox', tags: '/tags', about: '/about', search: '/search?q=title', empty: '/search?q=xyzzy',
		article, profile: `/profile/${person}`, favorites: `/profile/${person}/favorites`,
		login: '/login', register: '/register', editor: '/editor',
		edit: article.replace('/article/', '/editor/'), settings: '/settings', leave: '/settings/delete',
		drafts: '/drafts', draft: '/drafts/1', revisions: `${article}/revisions`,
		reset: '/reset', log: '/moderation/log', report: `/report?person=${person}`,
		missing: '/nothing/here', nobody: '/profile/nobody-at-all',
	};
}

const FOR_MEMBERS = ['following', 'editor', 'edit', 'settings', 'leave', 'drafts', 'draft', 'revisions',
	'report'];
const FOR_VISITORS = ['login', 'register'];

async function look(site, page, name) {
	const wrong = [];
	for (const theme of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme: theme });
		for (const problem of await accessibility(page))
			wrong.push(`${name}, ${theme}: ${problem}`);
		await page.setViewportSize({ width: 1280, height: 800 });
		await site.picture(page, `${name}-${theme}`);
	}
	await page.emulateMedia({ colorScheme: 'light' });
	for (const width of [320, 768]) {
		await page.setViewportSize({ width, height: 700 });
		const over = await overflow(page);
		if (over > 0)
			wrong.push(`${name}: at ${width} px it is ${over} px too wide`);
		await site.picture(page, `${name}-${width}`);
	}
	await page.setViewportSize({ width: 1280, height: 800 });
	return wrong;
}

function without(all, names) {
	return Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name)));
}

async function every(site, page, who, all) {
	const wrong = [];
	for (const [name, path] of Object.entries(all)) {
		page.requests = [];
		page.complaints = [];
		const html = await (await page.goto(path)).text();
		writeFileSync(join(site.out, `${who}-${name}.html`), html);
		wrong.push(...(await validity(html)).map(problem => `${name}: ${problem}`));
		if (/<script(?! type="application\/ld\+json")|\sstyle=|\son\w+=/i.test(html))
			wrong.push(`${name}: has a script or a style of its own`);
		for (const url of page.requests.filter(u => !u.startsWith(site.url)))
			wrong.push(`${name}: asks elsewhere: ${url}`);
		for (const text of page.complaints.filter(t => !t.includes('404')))
			wrong.push(`${name}: ${text}`);
		wrong.push(...await look(site, page, `${who}-${name}`));
	}
	check(wrong.length === 0, wrong.join('\n'));
}

export async function test_every_page_as_member(site) {
	const page = await site.member();
	const article = await publish(page, { title: 'A title that says something', body: BODY, tags: ['onebox', 'c'] });
	for (const text of ['A first comment, with **weight**.', LONG]) {
		await page.fill('textarea[name="body"]', text);
		await page.click('button:has-text("Post Comment")');
		await page.locator('.card-block').filter({ hasText: text.slice(0, 15) }).first().waitFor();
	}
	await page.goto('/');
	await page.locator('.article-preview button').last().click();
	await keep(page, { title: 'Half of a thought', description: 'To be gone on with' });
	await keep(page, { title: '', body: LONG });
	await change(page, article, { body: BODY.replace('*words*', '*other words*').replace('- one', '- two\n- three') });
	await change(page, article, { description: 'What it is now about' });
	await every(site, page, 'member', without(pages(article, page.person.name), FOR_VISITORS));
}

export async function test_every_page_as_visitor(site) {
	const member = await site.member();
	const article = await publish(member, { title: LONG, body: BODY, tags: ['onebox', LONG.slice(0, 50)] });
	const page = await site.visitor();
	await every(site, page, 'visitor', without(pages(article, member.person.name), FOR_MEMBERS));
}

// What keepers do, and what the author of a hidden article sees.
export async function test_every_page_as_keeper(site) {
	const member = await site.member(), keeper = await site.keeper();
	const article = await publish(member, { title: LONG, body: BODY, tags: ['onebox'] });
	await member.fill('textarea[name="body"]', LONG);
	await member.click('button:has-text("Post Comment")');
	const comment = (await member.locator('.card[id^="comment-"]').last().getAttribute('id')).replace('comment-', '');
	const slug = article.replace('/article/', '');
	for (const what of [`article=${slug}`, `comment=${comment}`, `person=${member.person.name}`]) {
		await keeper.goto(`/report?${what}`);
		await keeper.fill('textarea[name="reason"]', `It is not kind, and ${LONG}`);
		await keeper.click('main button');
		await keeper.locator('[role="status"]').waitFor();
	}
	const places = {
		site: '/settings/site', moderation: '/moderation', log: '/moderation/log', report: `/report?article=${slug}`,
		'moderate-article': `/moderation/article/${slug}`, 'moderate-comment': `/moderation/comment/${comment}`,
		'moderate-person': `/moderation/person/${member.person.name}`,
	};
	await every(site, keeper, 'keeper', { ...places, article });
	await keeper.goto(places['moderate-article']);
	await keeper.fill('textarea[name="reason"]', `Not kind, and ${LONG}`);
	await keeper.click('button[value="hide"]');
	await keeper.waitForLoadState();
	await every(site, keeper, 'keeper-after', { log: '/moderation/log', 'moderate-article': places['moderate-article'] });
	await every(site, member, 'member-hidden', { article, profile: `/profile/${member.person.name}` });
}

export async function test_the_editor_with_everything_in_it(site) {
	const page = await site.member();
	await page.goto('/editor');
	await page.fill('input[name="title"]', 'Half written');
	await page.fill('textarea[name="body"]', BODY);
	for (const tag of ['alpha', 'beta', LONG.slice(0, 50)]) {
		await page.fill('input[placeholder="Enter tags"]', tag);
		await page.press('input[placeholder="Enter tags"]', 'Enter');
		await page.locator('.tag-pill').filter({ hasText: tag }).waitFor();
	}
	await page.click('button:has-text("Preview")');
	await page.locator('.preview').waitFor();
	let wrong = await look(site, page, 'editor-preview');
	await page.click('button:has-text("Publish Article")');
	await page.locator('.error-messages').waitFor();
	wrong = wrong.concat(await look(site, page, 'editor-refused'));
	check(wrong.length === 0, wrong.join('\n'));
}

export async function test_the_theme_can_be_chosen(site) {
	const page = await site.visitor({ colorScheme: 'light', javaScriptEnabled: false });
	await page.goto('/about');
	const ground = () => page.locator('body').evaluate(e => getComputedStyle(e).backgroundColor);
	const light = await ground();
	await page.click('footer button:has-text("Dark")');
	check(new URL(page.url()).pathname === '/about', 'one stays where one was');
	check(await page.locator('html').getAttribute('data-theme') === 'dark', 'it is dark');
	check(await ground() !== light, 'the ground is another');
	await page.click('footer button:has-text("As the system")');
	check(await ground() === light, 'it is light again');
}

export async function test_the_home_page_is_light(site) {
	const page = await site.visitor();
	let bytes = 0;
	page.on('response', async r => {
		const s = await r.request().sizes().catch(() => ({ responseBodySize: 0, responseHeadersSize: 0 }));
		bytes += s.responseBodySize + s.responseHeadersSize;
	});
	await page.goto('/', { waitUntil: 'networkidle' });
	check(bytes > 0 && bytes < 30000, `it takes ${bytes} bytes over the wire`);
	check(await page.locator('link[rel="stylesheet"]').count() === 1, 'one stylesheet');
	console.log(`       the home page takes ${bytes} bytes over the wire`);
}
