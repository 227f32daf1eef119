import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const pages = globSync('**/*.md', {
  cwd: root,
  exclude: (path) => /(^|[\\/])(node_modules|dist|var|\.nx|\.git)([\\/]|$)/.test(path),
}).map((path) => join(root, path));

/** Code is no prose: what looks like a link or a heading in it is none. @param {string} page */
const proseOf = (page) =>
  readFileSync(page, 'utf8')
    .replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1`*$/gm, '')
    .replace(/`[^`\n]+`/g, (code) => code.replace(/[[\]()#]/g, ' '));

/** The anchor of a heading, as GitHub makes it. @param {string} heading */
const anchorOf = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

/** @param {string} page */
const anchorsOf = (page) =>
  [...readFileSync(page, 'utf8').matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) =>
    anchorOf(String(heading)),
  );

/** @param {string} page @returns {string[]} what is wrong with its links */
const brokenLinksOf = (page) =>
  [...proseOf(page).matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
    if (/^[a-z]+:/i.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : resolve(dirname(page), path);
    const from = relative(root, page);
    if (path.startsWith('/') || relative(root, file).startsWith('..'))
      return [`${from}: ${target} leads out of the repository`];
    if (!existsSync(file)) return [`${from}: ${target} does not exist`];
    if (anchor !== undefined && !anchorsOf(file).includes(anchor))
      return [`${from}: ${target} has no such heading`];
    return [];
  });

describe('the links of the documentation', () => {
  it('are looked for in every page of the repository', () => {
    const names = pages.map((page) => relative(root, page));
    for (const name of ['README.md', 'CONTRIBUTING.md', join('docs', 'architecture.md')])
      assert.ok(names.includes(name), `${name} was not found`);
  });

  it('lead to files and headings that are there', () => {
    assert.deepEqual(pages.flatMap(brokenLinksOf), []);
  });

  it('and so do the paths that are named in passing', () => {
    const folders = 'apps|libs|e2e|tools|docs|config|deploy';
    const named = new RegExp(`\`((?:${folders})/[\\w./-]+)\``, 'g');
    const missing = pages.flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(named)]
        .map(([, path = '']) => path)
        .filter((path) => !existsSync(join(root, path)))
        .map((path) => `${relative(root, page)}: ${path}`),
    );
    assert.deepEqual(missing, []);
  });

  it('leave no page of docs/ out of reach of the README', () => {
    /** @type {Set<string>} */
    const reached = new Set();
    /** @param {string} page */
    const walk = (page) => {
      if (reached.has(page) || !existsSync(page)) return;
      reached.add(page);
      for (const [, target = ''] of proseOf(page).matchAll(/\[[^\]]*\]\(([^)\s#]+\.md)[^)]*\)/g))
        if (!/^[a-z]+:/i.test(target)) walk(resolve(dirname(page), target));
    };
    walk(join(root, 'README.md'));
    const docs = pages.filter((page) => relative(root, page).startsWith('docs'));
    assert.deepEqual(
      docs.filter((page) => !reached.has(page)).map((page) => relative(root, page)),
      [],
    );
  });
});
