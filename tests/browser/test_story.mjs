// Two people, from signing up to deleting, by mouse: with JavaScript and without; with the words and class names that clients of this kind of site share.
import { change, check, keep, publish } from './browser.mjs';

async function visible(page, selector, text) {
	const found = text === undefined ? page.locator(selector) : page.locator(selector, { hasText: text });
	await found.first().waitFor();
}

async function logout(page) {
	await page.click('a[href="/settings"]');
	await page.click('button:has-text("Or click here to logout")');
	await page.waitForURL('/');
}

async function story(site, options) {
	const ann = await site.member(options);
	const bob = await site.member(options);
	const article = await publish(ann, { title: 'How it is done', body: 'A *body* of text.', tags: ['how', 'done'] });
	check(await ann.locator('h1').textContent() === 'How it is done', 'one h1, the title');
	check(await ann.locator('.article-content p').textContent() === 'A body of text.', 'the text');
	check(await ann.locator('.tag-list .tag-default').count() === 2, 'two tags');

	await bob.goto('/');
	await bob.click('.article-preview h1');
	await bob.waitForURL(article);
	check(await bob.locator('a:has-text("Edit Article")').count() === 0, 'not to edit by others');
	check(await bob.locator('button:has-text("Delete Article")').count() === 0, 'nor to delete');
	await bob.click('button.btn-outline-primary:has-text("Favorite")');
	await visible(bob, 'button.btn-primary:has-text("Unfavorite")');
	await bob.click(`button:has-text("Follow ${ann.person.name}")`);
	await visible(bob, 'button:has-text("Unfollow")');
	await bob.fill('textarea[placeholder="Write a comment..."]', 'Well said');
	await bob.click('button:has-text("Post Comment")');
	await visible(bob, '.card:not(.comment-form) .card-block', 'Well said');
	check(await bob.locator('.mod-options .ion-trash-a').count() === 1, 'one comment of his own');
	await bob.click('.navbar a:has-text("Home")');
	await bob.click('a.nav-link:has-text("Your Feed")');
	await bob.waitForURL('/?feed=following');
	await visible(bob, '.article-preview h1', 'How it is done');
	await bob.goto(`/profile/${bob.person.name}`);
	check(await bob.locator('h4').textContent() === bob.person.name, 'his name');
	await bob.click('a:has-text("Favorited")');
	await bob.waitForURL(`/profile/${bob.person.name}/favorites`);
	await visible(bob, '.article-preview h1', 'How it is done');

	await ann.goto(article);
	check(await ann.locator('.mod-options').count() === 0, 'nothing to delete for her');
	await ann.click('a:has-text("Edit Article")');
	await ann.locator('.tag-list .tag-pill i').first().click();
	check(await ann.locator('.tag-list .tag-pill').count() === 1, 'a tag less');
	await ann.fill('input[name="title"]', 'How it was done');
	await ann.click('button:has-text("Publish Article")');
	await ann.waitForURL('/article/how-it-was-done');

	await bob.goto(article);
	await bob.waitForURL('/article/how-it-was-done');
	await bob.locator('.mod-options .ion-trash-a').click();
	await bob.locator('.mod-options').waitFor({ state: 'detached' });
	check(await bob.locator('.card:not(.comment-form)').count() === 0, 'the comment is gone');

	await ann.goto('/article/how-it-was-done');
	await ann.click('button:has-text("Delete Article")');
	await ann.waitForURL('/');
	check(await ann.locator('h1:has-text("How it was done")').count() === 0, 'the article is gone');

	await ann.goto('/settings');
	await ann.fill('textarea[name="bio"]', 'A bio');
	await ann.fill('input[name="image"]', 'https://example.invalid/me.png');
	await ann.click('button[type="submit"]');
	await ann.waitForURL(`/profile/${ann.person.name}`);
	check((await ann.locator('.user-info').textContent()).includes('A bio'), 'her bio');
	check(await ann.locator('.user-img').getAttribute('src') === 'https://example.invalid/me.png', 'her picture');

	await logout(ann);
	await visible(ann, 'a[href="/login"]');
	await ann.goto('/login');
	await ann.fill('input[name="email"]', ann.person.email);
	await ann.fill('input[name="password"]', 'not the password');
	await ann.click('button[type="submit"]');
	await visible(ann, '.error-messages');
	check(new URL(ann.url()).pathname === '/login', 'still there');
	await ann.fill('input[name="password"]', ann.person.password);
	await ann.click('button[type="submit"]');
	await visible(ann, `a[href="/profile/${ann.person.name}"]`);
}

export async function test_two_people_with_javascript(site) {
	await story(site, {});
}

export async function test_two_people_without_javascript(site) {
	await story(site, { javaScriptEnabled: false });
}

// What is written before it is published, what it said before, and leaving for good.
async function writing(site, options) {
	const ann = await site.member(options);
	const bob = await site.visitor(options);
	const draft = await keep(ann, { title: 'In the making', description: 'Half', body: 'First.' });
	check((await bob.goto(draft)).url().endsWith('/login'), 'a draft is not for visitors');
	await ann.click('.navbar a[href^="/profile/"]');
	await ann.click('.nav-link:has-text("Drafts")');
	await ann.click('.rows h2 a:has-text("In the making")');
	await ann.waitForURL(draft);
	await ann.click('button:has-text("Preview")');
	const preview = await ann.locator('.preview .article-content').innerHTML();
	await ann.click('button:has-text("Publish Article")');
	await ann.waitForURL('/article/in-the-making');
	check(await ann.locator('.article-content').innerHTML() === preview, 'the preview is what is published');
	await bob.goto('/article/in-the-making');
	check(await bob.locator('a:has-text("Revisions")').count() === 0, 'versions are the author\'s');
	await change(ann, '/article/in-the-making', { body: 'First and second.' });
	await change(ann, '/article/in-the-making', { title: 'Made', body: 'Third.' });
	await ann.click('a:has-text("Revisions")');
	await ann.waitForURL(/\/article\/made[^/]*\/revisions$/);
	check(await ann.locator('.diff-gone').count() === 2 && await ann.locator('.diff-new').count() === 2, 'title and text');
	await ann.locator('input[name="from"][value="1"]').check();
	await ann.locator('input[name="to"][value="2"]').check();
	await ann.click('button:has-text("Compare")');
	await ann.waitForURL(/to=2&from=1/);
	check(await ann.locator('.diff-new mark').textContent() === ' and second', 'what came is marked');
	await ann.locator('.rows li', { hasText: 'Version 2' }).getByRole('button').click();
	await ann.waitForURL('/article/in-the-making');
	check(await ann.locator('.article-content p').textContent() === 'First and second.', 'it is back');
	await ann.goto(`/search?q="and+second"+author:${ann.person.name}`);
	check(await ann.locator('.snippet mark').textContent() === 'and second', 'it is found');

	await ann.goto('/settings');
	const [file] = await Promise.all([ann.waitForEvent('download'), ann.click('a:has-text("ZIP")')]);
	check(file.suggestedFilename() === 'onebox-export.zip', 'everything is hers to take along');
	await ann.click('a:has-text("Delete my account")');
	await ann.fill('input[name="password"]', ann.person.password);
	await ann.click('button:has-text("Delete everything of mine")');
	await ann.waitForURL('/');
	await visible(ann, 'a[href="/login"]');
	check((await bob.goto('/article/in-the-making')).status() === 404, 'her article is gone');
	check((await bob.goto(`/profile/${ann.person.name}`)).status() === 404, 'and she');
}

export async function test_writing_with_javascript(site) {
	await writing(site, {});
}

export async function test_writing_without_javascript(site) {
	await writing(site, { javaScriptEnabled: false });
}

export async function test_visitors_are_led_to_sign_in(site) {
	const page = await site.visitor({ javaScriptEnabled: false });
	for (const path of ['/editor', '/settings', '/editor/some-slug', '/?feed=following']) {
		await page.goto(path);
		check(new URL(page.url()).pathname + new URL(page.url()).search === '/login', path);
	}
	await page.goto('/');
	await page.click('.article-preview h1:first-child');
	check(await page.locator('a[href="/login"]').count() === 1, 'one plain way to sign in');
	await page.locator('button:has-text("Follow")').first().click();
	await page.waitForURL(/\/login$/);
}

export async function test_the_languages(site) {
	const wrong = [];
	for (const [code, direction] of [['pl', 'ltr'], ['ar', 'rtl']]) {
		const page = await site.visitor({ locale: code, viewport: { width: 1280, height: 800 } });
		for (const [name, path] of [['home', '/'], ['login', '/login'], ['about', '/about']]) {
			await page.goto(path);
			check(await page.locator('html').getAttribute('dir') === direction, `${code} ${direction}`);
			await site.picture(page, `${code}-${name}`);
		}
		await page.goto('/');
		await page.click('.article-preview h1');
		await page.waitForURL(/article/);
		await site.picture(page, `${code}-article`);
		await page.setViewportSize({ width: 320, height: 700 });
		const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
		if (over > 0)
			wrong.push(`${code} is ${over} px too wide`);
		await site.picture(page, `${code}-article-320`);
	}
	check(wrong.length === 0, wrong.join('\n'));
}
