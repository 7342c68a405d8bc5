// Builds the browser files: one bundle for each entry, one sprite of icons, one manifest.
//
//   node build.mjs OUTPUT
//
// manifest.json says what to load: {"core": {"js": "core-HASH.js", "css": "core-HASH.css"}, …}.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import * as sass from 'sass';

const ENTRIES = { core: 'src/core.js', chart: 'src/chart.js', flow: 'src/flow.js' };
// What every page loads must stay small; the build fails when it does not.
const CORE_LIMIT = 160 * 1024;

const output = process.argv[2];
if (!output) throw new Error('usage: node build.mjs OUTPUT');

const scss = {
  name: 'scss',
  setup(build) {
    build.onLoad({ filter: /\.scss$/ }, ({ path }) => ({
      contents: sass.compile(path, { loadPaths: ['node_modules'], quietDeps: true }).css,
      loader: 'css',
    }));
  },
};

async function bundle() {
  const result = await esbuild.build({
    entryPoints: ENTRIES,
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['chrome123', 'firefox128', 'safari17.5'],
    outdir: output,
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    legalComments: 'linked',
    metafile: true,
    logLevel: 'warning',
    plugins: [scss],
  });
  const manifest = {};
  for (const [file, { entryPoint, cssBundle }] of Object.entries(result.metafile.outputs)) {
    if (!entryPoint) continue;
    const name = Object.keys(ENTRIES).find((entry) => ENTRIES[entry] === entryPoint);
    if (name) manifest[name] = { js: basename(file), css: cssBundle ? basename(cssBundle) : null };
  }
  return manifest;
}

// Shapes only: colour, size and stroke come from the page's `.icon`.
function sprite() {
  const names = JSON.parse(readFileSync('src/icons.json', 'utf8'));
  const { icons } = JSON.parse(readFileSync('node_modules/@iconify-json/tabler/icons.json', 'utf8'));
  const symbols = names.map((name) => {
    if (!icons[name]) throw new Error(`src/icons.json: Tabler has no icon '${name}'`);
    const shapes = icons[name].body.replace(/ (fill|stroke|stroke-width|stroke-linecap|stroke-linejoin)="[^"]*"/g, '');
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
  });
  const text = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`;
  const file = `icons-${createHash('sha256').update(text).digest('hex').slice(0, 8).toUpperCase()}.svg`;
  writeFileSync(join(output, file), text);
  return { svg: file, names };
}

function weigh(manifest) {
  const size = (file) => (file ? gzipSync(readFileSync(join(output, file))).length : 0);
  const kibibytes = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
  for (const name of Object.keys(ENTRIES)) {
    const { js, css } = manifest[name];
    console.log(`${name}: js ${kibibytes(size(js))}, css ${kibibytes(size(css))} (gzip)`);
  }
  const core = size(manifest.core.js) + size(manifest.core.css);
  if (core > CORE_LIMIT) throw new Error(`core is ${kibibytes(core)}, its limit is ${kibibytes(CORE_LIMIT)}`);
}

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
const manifest = await bundle();
manifest.icons = sprite();
weigh(manifest);
writeFileSync(join(output, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
