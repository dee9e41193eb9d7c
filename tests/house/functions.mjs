// Measures browser modules for the shape test: reads a JSON list of paths on stdin, prints one record a path.
// Every function counts, arrow functions and methods too; a class body does not.
import { readFileSync } from 'node:fs';
import { parse } from 'acorn';
import { full } from 'acorn-walk';

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** @param {any} node where an anonymous function stands is its only name */
const label = (node) => node.id?.name ?? `at line ${node.loc.start.line}`;

/** @param {string} path */
const measure = (path) => {
  const text = readFileSync(path, 'utf8');
  /** @type {{name: string, line: number, length: number}[]} */
  const functions = [];
  const tree = parse(text, { ecmaVersion: 'latest', sourceType: 'module', locations: true });
  full(tree, (/** @type {any} */ node) => {
    if (FUNCTIONS.has(node.type)) {
      functions.push({ name: label(node), line: node.loc.start.line, length: node.loc.end.line - node.loc.start.line + 1 });
    }
  });
  return { path, functions, opensWithComment: /^\s*(\/\/|\/\*)/.test(text) };
};

const paths = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(paths.map(measure)));
