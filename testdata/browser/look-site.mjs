// node look-site.mjs URL: every page of the navigation at URL, wide and narrow, and what the search finds. SHOTS names
// a directory for screenshots.
import { browse } from './browser.mjs'

const url = process.argv[2]
const widths = [1280, 400]

await browse(async (page) => {
  const wrong = []
  page.on('console', (m) => m.type() === 'error' && wrong.push(`${page.url()}: ${m.text()}`))
  page.on('pageerror', (e) => wrong.push(`${page.url()}: ${e}`))
  page.on('response', (r) => r.status() >= 400 && wrong.push(`${page.url()}: ${r.status()} ${r.url()}`))
  page.on('request', (r) => r.url().startsWith(url) || r.url().startsWith('data:') || wrong.push(`${page.url()} asks for ${r.url()}`))

  await page.goto(url)
  const links = await page.$$eval('.VPSidebar a', (all) => all.map((a) => a.href))
  for (const link of links) {
    await page.goto(link)
    if (!(await page.$('.vp-doc h1'))) wrong.push(`${link}: no heading`)
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 })
      const needs = await page.evaluate(() => document.documentElement.scrollWidth)
      if (needs > width) wrong.push(`${link}: ${needs} pixels wide, of ${width}`)
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${link.replace(/.*\//, '')}-${width}.png` })
    }
  }

  const found = {}
  await page.setViewportSize({ width: 1280, height: 900 })
  for (const word of ['vzNAT', 'checksum', 'overlays']) {
    // The box opens with the word before, and what that has found.
    await page.evaluate(() => sessionStorage.clear())
    await page.goto(url)
    await page.click('.VPNavBarSearch button')
    await page.fill('.VPLocalSearchBox input', word)
    await page.waitForSelector('.VPLocalSearchBox .result')
    found[word] = await page.$$eval('.VPLocalSearchBox .result', (all) => all.map((a) => new URL(a.href).pathname))
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/search-${word}.png` })
  }
  return { links, wrong, found }
})
