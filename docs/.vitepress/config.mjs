// The site of docs/, by VitePress as it comes: no theme, no page of its own. Its navigation is docs/README.md,
// which lists every page under one of four headings.
import { readFileSync } from 'node:fs'
import { defineConfig } from 'vitepress'

const index = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const sidebar = index.split(/^## /m).slice(1).map((part) => ({
  text: part.split('\n', 1)[0],
  items: [...part.matchAll(/^- \[(.+?)\]\((.+?)\.md\)/gm)].map(([, text, link]) => ({ text, link: `/${link}` })),
}))

// Doubled braces in a page are a template's of Go, for Vue to leave alone.
function verbatim(md) {
  const code = md.renderer.rules.code_inline
  md.renderer.rules.code_inline = (...args) => code(...args).replace('<code', '<code v-pre')
}

// A heading's anchor is the one that repositories' pages have for it, so that a link holds here and there.
const slugify = (heading) => heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\-_ ]/gu, '').replaceAll(' ', '-')

export default defineConfig({
  title: 'vmloom',
  description: 'One profile of a development VM becomes every file that it needs',
  base: process.env.SITE_BASE ?? '/', // where a server has it
  head: [['link', { rel: 'icon', href: 'data:,' }]], // else a browser asks for one
  rewrites: { 'README.md': 'index.md' },
  markdown: { config: verbatim, anchor: { slugify } },
  themeConfig: { sidebar, outline: [2, 3], search: { provider: 'local' } },
})
