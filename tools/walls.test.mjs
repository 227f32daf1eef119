import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { forTests, knownTags, walls, wireNames } from './walls.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (/** @type {string} */ path) => readFileSync(join(root, path), 'utf8');
const packages = globSync(
  ['apps/*/package.json', 'libs/*/package.json', 'e2e/package.json', 'proof/package.json'],
  { cwd: root },
)
  .map((path) => ({
    folder: dirname(path).replaceAll('\\', '/'),
    manifest: JSON.parse(read(path)),
  }))
  .sort((one, other) => one.folder.localeCompare(other.folder));

/** Sources of a package, specs and their helpers apart. @param {string} folder */
const sourcesOf = (folder) =>
  globSync(`${folder}/src/**/*.ts`, { cwd: root }).map((path) => path.replaceAll('\\', '/'));
const isTest = (/** @type {string} */ path) => /\.spec\.ts$|\/testing\/|^(e2e|proof)\//.test(path);

/** Names imported by a file; `typeOnly` ones vanish in the build. @param {string} path */
const importsOf = (path) => {
  const text = read(path).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const statement =
    /^\s*(?:import|export)\s+(?<type>type\s)?(?:[^'";]*?\sfrom\s+)?'(?<name>[^']+)'|\bimport\(\s*'(?<lazy>[^']+)'/gm;
  return [...text.matchAll(statement)].map(({ groups }) => ({
    name: String(groups?.['name'] ?? groups?.['lazy']),
    typeOnly: groups?.['type'] !== undefined,
  }));
};

/** `@scope/name/deep` and `name/deep` to the package. @param {string} name */
const packageOf = (name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/');

describe('the walls between packages', () => {
  it('know every project and every tag', () => {
    assert.deepEqual(
      packages.map(({ folder }) => folder),
      walls.map(({ folder }) => folder).sort((one, other) => one.localeCompare(other)),
      'tools/walls.mjs and the folders differ: say there what the new package may import',
    );
    for (const { folder, manifest } of packages) {
      const tags = manifest.nx?.tags ?? [];
      assert.ok(tags.length > 0, `${folder}/package.json has no nx tags`);
      for (const tag of tags)
        assert.ok(knownTags.has(tag), `${folder}: no rule knows the tag ${tag}`);
    }
  });

  for (const { folder, manifest } of packages) {
    const wall = walls.find((known) => known.folder === folder);
    const declared = new Set(Object.keys({ ...manifest.dependencies }));
    const declaredForTests = new Set(Object.keys({ ...manifest.devDependencies }));
    const oursIn = (/** @type {Set<string>} */ names) =>
      [...names]
        .filter((name) => name.startsWith('@glasshouse/'))
        .map((name) => name.replace('@glasshouse/', ''));

    it(`let ${folder} depend only on what it may import`, () => {
      for (const name of oursIn(declared))
        assert.ok(
          wall?.may.includes(name),
          `${folder}/package.json lists ${name}: ${wall?.remedy}`,
        );
      for (const name of oursIn(declaredForTests))
        assert.ok(
          forTests.includes(name),
          `${folder}/package.json lists ${name} in devDependencies: only ${forTests.join(', ')} is for tests alone`,
        );
    });

    it(`find every import of ${folder} in its own dependencies`, () => {
      for (const path of sourcesOf(folder)) {
        const external = importsOf(path).filter(({ name }) => !/^(\.|node:)/.test(name));
        for (const { name: specifier, typeOnly } of external) {
          const name = packageOf(specifier);
          // A type leaves no import behind, and specs may use what the root has for all of them.
          if ((typeOnly || isTest(path)) && !name.startsWith('@glasshouse/')) continue;
          assert.ok(
            declared.has(name) || (isTest(path) && declaredForTests.has(name)),
            `${path} imports ${name}: list it in ${folder}/package.json`,
          );
        }
      }
    });

    it(`find no circle of imports in ${folder}`, () => {
      assert.deepEqual(circleIn(sourcesOf(folder)), []);
    });
  }

  it('leave the names that reach the vendor to the fetcher alone', () => {
    for (const { folder } of packages.filter(({ folder }) => /^apps\/(?!fetcher)/.test(folder)))
      for (const path of sourcesOf(folder).filter((path) => !isTest(path)))
        for (const name of wireNames)
          assert.ok(!new RegExp(`\\b${name}\\b`).test(read(path)), `${path} names ${name}`);
  });
});

/**
 * @param {readonly string[]} paths
 * @returns {string[]} the files of one circle, or none
 */
const circleIn = (paths) => {
  const known = new Set(paths);
  const targets = (/** @type {string} */ path) =>
    importsOf(path)
      .filter(({ name, typeOnly }) => name.startsWith('.') && !typeOnly)
      .map(({ name }) => relative(root, join(root, dirname(path), name)).replaceAll('\\', '/'))
      .filter((target) => known.has(target));
  const done = new Set();
  /** @param {string} path @param {readonly string[]} way @returns {string[]} */
  const walk = (path, way) => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const target of targets(path)) {
      const circle = walk(target, [...way, path]);
      if (circle.length > 0) return circle;
    }
    done.add(path);
    return [];
  };
  for (const path of paths) {
    const circle = walk(path, []);
    if (circle.length > 0) return circle;
  }
  return [];
};
