// Runs a program by worker.js under node, as run.js does in a page: node node.js FOLDER PROGRAM < RUNS. A run is a line of JSON:
// {"args": […], "stop": "TEXT", "kill": "TEXT"}. At the first line of the stream that holds TEXT the run is told to stop, or ended by
// force. What the worker answers is printed, a message a line, and {"killed": true} where it was ended.
"use strict";

const { Worker } = require("node:worker_threads");
const fs = require("node:fs");
const path = require("node:path");
const zlib = require("node:zlib");

const [folder, program] = process.argv.slice(2);
const shim = `{
const { parentPort, workerData } = require("node:worker_threads");
const [fs, vm, path] = ["fs", "vm", "path"].map(require);
const load = (file) => vm.runInThisContext(fs.readFileSync(file, "utf8"), file);
globalThis.postMessage = (message) => parentPort.postMessage(message);
globalThis.importScripts = (name) => load(path.join(path.dirname(workerData.program), name));
load(path.join(workerData.folder, "worker.js"));
parentPort.on("message", (data) => globalThis.onmessage({ data }));
}`; // a block, so that its names are not global

function run(module, { args, stop, kill }) {
	return new Promise((resolve) => {
		const worker = new Worker(shim, { eval: true, workerData: { folder, program } });
		const print = (message) => console.log(JSON.stringify(message));
		const end = () => worker.terminate().then(resolve);
		worker.on("error", (err) => {
			print({ error: String(err) });
			end();
		});
		worker.on("message", (message) => {
			print(message);
			if (message.exit !== undefined) {
				end();
			} else if (kill && message.says.includes(kill)) {
				kill = "";
				end().then(() => print({ killed: true }));
			} else if (stop && message.says.includes(stop)) {
				stop = "";
				worker.postMessage({ word: "stop" });
			}
		});
		worker.postMessage({ run: args, program: module });
	});
}

(async () => {
	const packed = fs.readFileSync(program);
	const module = await WebAssembly.compile(program.endsWith(".gz") ? zlib.gunzipSync(packed) : packed);
	for (const line of fs.readFileSync(0, "utf8").split("\n").filter(Boolean)) {
		await run(module, JSON.parse(line));
	}
})();
