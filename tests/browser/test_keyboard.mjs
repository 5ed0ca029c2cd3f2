// Two people, from signing up to deleting, without a mouse: only Tab, Enter and letters. The
// focus must be seen wherever it is.
import { check } from './browser.mjs';

// To what has this text, or this name; a pattern fits a text.
async function tab_to(page, what) {
	for (let i = 0; i < 120; i++) {
		await page.keyboard.press('Tab');
		const here = await page.evaluate(() => {
			const e = document.activeElement;
			const box = e.getBoundingClientRect();
			const style = getComputedStyle(e);
			return { text: (e.labels?.[0]?.textContent || e.ariaLabel || e.textContent || '').trim(),
				name: e.name || '', shown: box.width > 1 && style.outlineStyle !== 'none', tag: e.tagName };
		});
		if (here.tag !== 'BODY' && here.name !== 'body' && !here.shown)
			throw new Error(`the focus cannot be seen on ${here.tag} ${here.text}`);
		if (what instanceof RegExp ? what.test(here.text) : here.text === what || here.name === what)
			return;
	}
	throw new Error(`Tab does not lead to ${what}`);
}

async function press(page, what, url) {
	await tab_to(page, what);
	await page.keyboard.press('Enter');
	if (url)
		await page.waitForURL(url);
}

async function type(page, field, text) {
	await tab_to(page, field);
	await page.keyboard.type(text);
}

async function sign_up(page, name) {
	await page.goto('/');
	await press(page, 'Sign up', '/register');
	await type(page, 'username', name);
	await type(page, 'email', `${name}@example.com`);
	await type(page, 'password', 'password123');
	await page.keyboard.press('Enter');
	await page.waitForURL('/');
}

export async function test_the_first_tab_skips_to_the_content(site) {
	const page = await site.visitor();
	await page.goto('/');
	await page.keyboard.press('Tab');
	check(await page.evaluate(() => document.activeElement.className) === 'skip-link', 'first the skip link');
	await page.keyboard.press('Enter');
	check(await page.evaluate(() => document.activeElement.id) === 'content', 'it leads to the content');
}

export async function test_two_people_by_keyboard_alone(site) {
	const ann = await site.visitor(), bob = await site.visitor();
	const name = `keys${process.pid}`;
	await sign_up(ann, name);
	await press(ann, 'New Article', '/editor');
	await type(ann, 'title', 'By keys');
	await type(ann, 'description', 'No mouse');
	await type(ann, 'body', 'Typed.');
	await type(ann, 'tag', 'keys');
	await ann.keyboard.press('Enter');
	await ann.locator('.tag-pill').waitFor();
	check(await ann.evaluate(() => document.activeElement.name) === 'tag', 'ready for the next tag');
	await press(ann, 'Save draft', /\/drafts\//);
	await press(ann, name, `/profile/${name}`);
	await press(ann, 'Drafts', '/drafts');
	await press(ann, 'By keys', /\/drafts\//);
	await press(ann, 'Publish Article', '/article/by-keys');
	await press(ann, 'Edit Article', '/editor/by-keys');
	await type(ann, 'title', 'Only by keys'); // what stands in a field is selected
	await press(ann, 'Publish Article', '/article/only-by-keys');
	await press(ann, 'Revisions', /revisions$/);
	await press(ann, 'Compare', /to=2&from=1/);
	check(await ann.locator('.diff-new').count() === 1, 'the title is another');
	await press(ann, 'Restore 1', '/article/by-keys');

	await sign_up(bob, name + 'b');
	await press(bob, /^By keys/, '/article/by-keys');
	await press(bob, `Follow ${name}`);
	await bob.locator('button:has-text("Unfollow")').waitFor();
	await press(bob, /^Favorite Article/);
	await bob.locator('button:has-text("Unfavorite")').waitFor();
	await type(bob, 'body', 'Me too.');
	await press(bob, 'Post Comment');
	await bob.locator('.mod-options').waitFor();
	await press(bob, 'Home', '/');
	await press(bob, 'Your Feed', '/?feed=following');
	await bob.locator('.article-preview h1', { hasText: 'By keys' }).waitFor();
	await press(bob, 'Search', '/search');
	await type(bob, 'q', 'typed');
	await bob.keyboard.press('Enter');
	await bob.waitForURL(/q=typed/);
	await press(bob, /^By keys/, '/article/by-keys');
	await press(bob, 'Delete this comment');
	await bob.locator('.mod-options').waitFor({ state: 'detached' });
	await press(bob, 'Dark');
	await bob.locator('html[data-theme="dark"]').waitFor();
	await press(bob, 'Settings', '/settings');
	await press(bob, 'Delete my account', '/settings/delete');
	await type(bob, 'password', 'password123');
	await press(bob, 'Delete everything of mine', '/');
	check((await bob.goto(`/profile/${name}b`)).status() === 404, 'he is gone');

	await ann.goto('/article/by-keys');
	await press(ann, 'Delete Article', '/');
	await press(ann, 'Settings', '/settings');
	await press(ann, 'Or click here to logout.', '/');
	await press(ann, 'Sign in', '/login');
	await type(ann, 'email', `${name}@example.com`);
	await type(ann, 'password', 'password123');
	await ann.keyboard.press('Enter');
	await ann.waitForURL('/');
	await tab_to(ann, name);
}
