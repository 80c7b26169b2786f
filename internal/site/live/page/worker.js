// Runs one recipe in this worker: a page that computed itself could neither be scrolled nor be stopped. run.js sends {run: args, program}
// first, the program as a WebAssembly.Module; later words to the recipe: {word: "stop"} or {word: "timeout"}. The answers:
// {says: line} for each line of the stream, and at the end {exit: code, report: what Go said of its own}.
"use strict";

importScripts("wasm_exec.js");

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
	}
};

async function run(args, program) {
	const go = new Go();
	let code = 0;
	go.argv = ["page", ...args];
	go.exit = (c) => { code = c; };
	watch(go);
	try {
		const instance = await WebAssembly.instantiate(program, go.importObject);
		const ended = go.run(instance);
		go.idle();
		await ended;
	} catch (err) {
		code = code || 2;
		report += String(err);
	}
	postMessage({ exit: code, report });
}

// watch sees when nothing can go on. Go is idle then and has set no timer. It cannot find that itself in a page: some event might come.
// While Go traces the run it has a timer, of a second, that means nothing. So where only such timers have fired for a while, the
// recipe is asked to end the trace, if no pause of its own goes on.
function watch(go) {
	const gojs = go.importObject.gojs;
	const schedule = gojs["runtime.scheduleTimeoutEvent"];
	const says = globalThis.cookbookSays;
	const traced = 900; // ms: what is shorter is not the trace's
	let long = 0; // timers of that length, one after another, between which nothing was said
	let asked = false; // a look at Go is due
	let told = false; // the recipe knows that it cannot go on
	gojs["runtime.scheduleTimeoutEvent"] = (sp) => {
		const delay = Number(go.mem.getBigInt64((sp >>> 0) + 8, true));
		long = delay < traced ? 0 : long + 1;
		schedule(sp);
	};
	globalThis.cookbookSays = (line) => {
		long = 0;
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
			if (long > 2 && globalThis.cookbookHears) {
				long = 0;
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
		resume.call(go);
		go.idle();
	};
}
