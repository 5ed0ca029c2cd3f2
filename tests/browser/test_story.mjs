// Two people, from signing up to deleting: by mouse, by keyboard alone, and without
// JavaScript; with the words and class names that clients of this kind of site share.
import { check, publish } from './browser.mjs';

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

// Only Tab, Shift+Tab, Enter and letters.
async function tab_to(page, what) {
	for (let i = 0; i < 80; i++) {
		await page.keyboard.press('Tab');
		const here = await page.evaluate(() => {
			const e = document.activeElement;
			const box = e.getBoundingClientRect();
			const style = getComputedStyle(e);
			return { text: (e.labels?.[0]?.textContent || e.ariaLabel || e.textContent || '').trim(),
				name: e.name || '', shown: box.width > 0 && style.outlineStyle !== 'none', tag: e.tagName };
		});
		if (here.tag !== 'BODY' && here.name !== 'body' && !here.shown)
			throw new Error(`the focus cannot be seen on ${here.tag} ${here.text}`);
		if (here.text === what || here.name === what)
			return;
	}
	throw new Error(`Tab does not lead to ${what}`);
}

export async function test_by_keyboard_alone(site) {
	const page = await site.visitor();
	await page.goto('/');
	await page.keyboard.press('Tab');
	check(await page.evaluate(() => document.activeElement.className) === 'skip-link', 'first the skip link');
	await page.keyboard.press('Enter');
	check(await page.evaluate(() => document.activeElement.id) === 'content', 'it leads to the content');
	await page.goto('/');
	await tab_to(page, 'Sign up');
	await page.keyboard.press('Enter');
	await page.waitForURL('/register');
	const name = `keys${process.pid}`;
	for (const [field, text] of [['username', name], ['email', `${name}@example.com`], ['password', 'password123']]) {
		await tab_to(page, field);
		await page.keyboard.type(text);
	}
	await page.keyboard.press('Enter');
	await page.waitForURL('/');
	await tab_to(page, 'New Article');
	await page.keyboard.press('Enter');
	await page.waitForURL('/editor');
	await tab_to(page, 'title');
	await page.keyboard.type('By keys');
	await tab_to(page, 'description');
	await page.keyboard.type('No mouse');
	await tab_to(page, 'body');
	await page.keyboard.type('Typed.');
	await tab_to(page, 'tag');
	await page.keyboard.type('keys');
	await page.keyboard.press('Enter');
	await page.locator('.tag-pill').waitFor();
	check(await page.evaluate(() => document.activeElement.name) === 'tag', 'ready for the next tag');
	await tab_to(page, 'Publish Article');
	await page.keyboard.press('Enter');
	await page.waitForURL('/article/by-keys');
	await tab_to(page, 'body');
	await page.keyboard.type('Me too.');
	await tab_to(page, 'Post Comment');
	await page.keyboard.press('Enter');
	await page.locator('.mod-options').waitFor();
	await page.goto('/article/by-keys');
	await tab_to(page, 'Delete Article');
	await page.keyboard.press('Enter');
	await page.waitForURL('/');
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
