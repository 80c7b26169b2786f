// Runs one recipe in this worker: a page that computed itself could neither be scrolled nor be stopped. run.js sends {run: args, program}
// first, the program as a WebAssembly.Module; later words to the recipe: {word: "stop"} or {word: "timeout"}. The answers:
// {says: line} for each line of the stream, and at the end {exit: code, report: what Go said of its own}.
"use strict";

importScripts("wasm_exec.js");

let early = ""; // a word that came before the recipe had begun
let report = ""; // what Go's runtime writes: a panic, a deadlock
const decoder = new TextDecoder();
globalThis.fs.writeSync = (fd, bytes) => {
	report = (report + decoder.decode(bytes, { stream: true })).slice(-100000);
	return bytes.length;
};
globalThis.cookbookSays = (line) => postMessage({ says: line });

globalThis.onmessage = ({ data }) => {
	if (data.run) {
		run(data.run, data.program);
	} else if (globalThis.cookbookHears) {
		globalThis.cookbookHears(data.word); // while Go computes, this waits; run.js ends the worker then
	} else {
		early = data.word;
	}
};

async function run(args, program) {
	const go = new Go();
	let code = 0;
	go.argv = ["page", ...args];
	go.exit = (c) => {
		code = c;
		go._scheduledTimeouts.forEach(clearTimeout); // or they would wake a program that has ended
		go._scheduledTimeouts.clear();
	};
	watch(go);
	try {
		const instance = await WebAssembly.instantiate(program, go.importObject);
		const ended = go.run(instance); // which returns when Go is idle for the first time
		if (early && !go.exited) {
			globalThis.cookbookHears?.(early);
		}
		go.idle();
		await ended;
	} catch (err) {
		code = code || 2;
		report += String(err);
	}
	globalThis.cookbookHears = null; // nobody listens any more
	postMessage({ exit: code, report });
}

// watch sees when nothing can go on. Go is idle then and has set no timer. It cannot find that itself in a page: some event might come.
// While Go traces the run it sets timers of its own, again and again. So where nothing was said or computed for a while, the recipe
// is asked to end the trace, if no pause goes on in it.
function watch(go) {
	const says = globalThis.cookbookSays;
	const quiet = 2000; // ms
	const busy = 100; // ms; what takes longer computes
	let since = performance.now(); // when something was said or computed last
	let asked = false; // a look at Go is due
	let told = false; // the recipe knows that it cannot go on
	globalThis.cookbookSays = (line) => {
		since = performance.now();
		says(line);
	};
	go.idle = () => {
		if (!asked) {
			asked = true;
			setTimeout(look, 0); // for now Go may be busy above this call
		}
	};
	const look = () => {
		asked = false;
		if (go.exited) {
			return;
		}
		if (go._scheduledTimeouts.size > 0) {
			if (performance.now() - since > quiet && globalThis.cookbookHears) {
				since = performance.now();
				globalThis.cookbookHears("quiet");
			}
		} else if (!told && globalThis.cookbookHears) {
			told = true;
			globalThis.cookbookHears("stuck");
		} else {
			go._pendingEvent = { id: 0 }; // then Go reports the deadlock and exits
			go._resume();
		}
	};
	const resume = go._resume;
	go._resume = () => {
		const begun = performance.now();
		resume.call(go);
		if (performance.now() - begun > busy) {
			since = performance.now();
		}
		go.idle();
	};
}
