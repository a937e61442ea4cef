// A headless Chromium, which CHROMIUM names, for what the tests look at. It reaches no machine but this one.
import { chromium } from 'playwright-core'

export async function browse(look) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--disable-gpu', '--disable-dev-shm-usage'] })
  try {
    console.log(JSON.stringify(await look(await browser.newPage()), null, 1))
  } finally {
    await browser.close()
  }
}
