#!/usr/bin/env node
// The Solidity compiler of the npm package `solc`, behind the part of the native command line that
// py-solc-x, Brownie and forge use: `--version` and `--standard-json`. It exists because compiler
// binaries cannot be downloaded everywhere, while npm packages can.
"use strict";

const fs = require("fs");
const path = require("path");

const root = path.resolve(__dirname, "..");
const solc = require(require.resolve("solc", { paths: [root, process.cwd()] }));

function readImport(name) {
  // Sources named in the standard JSON arrive there; what they import is read here.
  const places = [path.resolve(name), path.resolve(root, name), path.resolve(root, "node_modules", name)];
  for (const place of places) {
    try {
      return { contents: fs.readFileSync(place, "utf8") };
    } catch (error) {
      if (error.code !== "ENOENT" && error.code !== "ENOTDIR") return { error: String(error) };
    }
  }
  return { error: `File not found: ${name} (looked in ${places.join(", ")})` };
}

const args = process.argv.slice(2);
if (args.includes("--version")) {
  const version = solc.version();
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`);
} else if (args.includes("--standard-json")) {
  process.stdout.write(solc.compile(fs.readFileSync(0, "utf8"), { import: readImport }) + "\n");
} else {
  process.stderr.write(`solc.js: only --version and --standard-json are supported, got: ${args.join(" ")}\n`);
  process.exitCode = 1;
}
