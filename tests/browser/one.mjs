// Runs the tests of one file, one after another, in one chromium of its own:
//     node one.mjs FILE URL OUT
import { Site } from './browser.mjs';

const [file, url, out] = process.argv.slice(2);
const tests = await import(file);
const site = await Site.start(url, out);
let failed = 0;
try {
	for (const [name, run] of Object.entries(tests)) {
		if (!name.startsWith('test_'))
			continue;
		try {
			await run(site);
			console.log(`  ok   ${name}`);
		} catch (e) {
			failed++;
			console.log(`  FAIL ${name}\n${e.stack}`);
		} finally {
			await site.forget();
		}
	}
} finally {
	await site.end();
}
process.exit(failed ? 1 : 0);
