// node look-pictures.mjs FILE...: each file's Mermaid picture as a browser draws it: what lies over something else, what
// does not fit its box, and which way the arrows lead. SHOTS names a directory for screenshots.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, basename } from 'node:path'
import { browse } from './browser.mjs'

const mermaid = join(dirname(createRequire(import.meta.url).resolve('mermaid')), 'mermaid.min.js')

await browse(async (page) => {
  const seen = {}
  await page.setViewportSize({ width: 1600, height: 1200 })
  await page.setContent('<!doctype html><div id="there"></div>')
  await page.addScriptTag({ path: mermaid })
  for (const file of process.argv.slice(2)) {
    seen[file] = await page.evaluate(draw, readFileSync(file, 'utf8'))
    if (process.env.SHOTS) await page.locator('#there').screenshot({ path: `${process.env.SHOTS}/${basename(file)}.png` })
  }
  return seen
})

// draw runs in the page.
async function draw(text) {
  window.mermaid.initialize({ startOnLoad: false, securityLevel: 'strict' })
  const there = document.querySelector('#there')
  there.innerHTML = (await window.mermaid.render('picture', text)).svg
  const svg = there.querySelector('svg')
  svg.style.maxWidth = 'none' // in its own size, which a page may make smaller
  svg.setAttribute('width', svg.viewBox.baseVal.width)

  const things = (what, found) => [...svg.querySelectorAll(found)].map((e) => ({ what: `${what} ${e.textContent.trim()}`, box: e.getBoundingClientRect(), e }))
  const boxes = things('box', 'g.node')
  const words = things('label', 'g.edgeLabel').filter((l) => l.box.width > 0)
  const titles = things('title', 'g.cluster-label')
  const arrows = [...svg.querySelectorAll('g.edgePaths path')]

  const wrong = []
  const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1
  const all = [...boxes, ...words, ...titles]
  all.forEach((a, i) => all.slice(i + 1).forEach((b) => over(a.box, b.box) && wrong.push(`${a.what} lies over ${b.what}`)))

  const within = (inner, outer) => inner.left >= outer.left - 1 && inner.right <= outer.right + 1 && inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1
  for (const b of boxes) {
    if (!within(b.e.querySelector('.nodeLabel, .label').getBoundingClientRect(), b.e.querySelector('rect').getBoundingClientRect())) wrong.push(`${b.what} is too small for its words`)
  }
  for (const l of titles) {
    if (!within(l.box, l.e.closest('g.cluster').querySelector('rect').getBoundingClientRect())) wrong.push(`${l.what} does not fit its group`)
  }
  for (const path of arrows) {
    const at = (n) => path.getPointAtLength((path.getTotalLength() * n) / 100).matrixTransform(path.getScreenCTM())
    if (at(0).x >= at(100).x) wrong.push(`arrow ${path.id} leads back`)
    for (const b of boxes) {
      if ([...Array(91).keys()].some((n) => ((p) => over(b.box, { left: p.x - 1, right: p.x + 1, top: p.y - 1, bottom: p.y + 1 }))(at(n + 5)))) wrong.push(`arrow ${path.id} runs through ${b.what}`)
    }
  }
  return { boxes: boxes.length, arrows: arrows.length, labels: words.length, wrong }
}
