import { expect, test } from '@jest/globals';
import { describeInBrowser } from './browser.ts';

describeInBrowser('the browser of the tests', (browser) => {
  test('it runs a script in a page', async () => {
    const page = await browser().newPage();
    await page.setContent('<title>Orrery</title><script>document.title += "!"</script>');
    expect(await page.evaluate(() => document.title)).toBe('Orrery!');
    await page.close();
  });
});
