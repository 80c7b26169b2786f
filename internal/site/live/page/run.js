// Runs the recipe of a page, from the section that package live writes: in the page, by a program that is loaded when it is first
// wanted, or at the server that the page is from. Both send the same stream, which is shown as it comes.
"use strict";

(() => {
	const section = document.getElementById("run");
	if (!section || section.dataset.where === "none") {
		return;
	}
	const { recipe, where } = section.dataset;
	const assets = new URL(".", document.currentScript.src);
	const form = section.querySelector("form");
	const [start, stop] = [section.querySelector(".start"), section.querySelector(".stop")];
	const [status, bar] = [section.querySelector(".state"), section.querySelector("progress")];
	const [transcript, timeline] = [section.querySelector(".transcript"), section.querySelector(".timeline")];
	const grace = 1000; // ms that a recipe gets to end when it is told to
	const timeout = 60000; // ms that a run in the page may take
	const tab = where === "serve" ? crypto.randomUUID() : "";
	let running = null; // what stop calls

	// text is a text of the section, with values in the place of their names.
	const text = (name, values = {}) =>
		(section.dataset["text" + name[0].toUpperCase() + name.slice(1)] || "").replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);

	const state = (name, said) => {
		section.dataset.state = name;
		status.textContent = said;
		const busy = name === "loading" || name === "running";
		const moves = document.activeElement === (busy ? start : stop); // a button that is turned off loses the focus
		start.disabled = busy;
		stop.disabled = !busy;
		if (moves) {
			(busy ? stop : start).focus();
		}
		bar.hidden = true;
	};

	const progress = (said, done, total) => {
		status.textContent = said;
		bar.hidden = false;
		if (total > 0) {
			bar.max = total;
			bar.value = done;
		} else {
			bar.removeAttribute("value");
		}
	};

	// Lines come faster than a page can be drawn: what has come is shown before it is drawn again.
	let pending = "";
	let due = 0;
	const flush = () => {
		cancelAnimationFrame(due);
		due = 0;
		if (pending) {
			transcript.insertAdjacentHTML("beforeend", pending);
			pending = "";
		}
	};
	const show = (html) => {
		pending += html;
		if (document.hidden) {
			flush();
		} else {
			due ||= requestAnimationFrame(flush);
		}
	};
	const showError = (said) => {
		const pre = document.createElement("pre");
		pre.className = "error";
		pre.textContent = said;
		flush();
		transcript.append(pre);
	};

	// fault says what is wrong with a field, below it.
	const fault = (input, said) => {
		const below = document.getElementById("e-" + input.name);
		below.textContent = said;
		below.hidden = !said;
		if (said) {
			input.setAttribute("aria-invalid", "true");
		} else {
			input.removeAttribute("aria-invalid");
		}
	};

	const fields = () => [...form.elements].filter((input) => input.name);

	// refuse shows an error that begins with the name of a flag beside the field of that name; it returns whether there is one.
	const refuse = (said) => {
		const name = /^(?:unknown flag: |flag needs an argument: )?--([a-z0-9-]+)/.exec(said)?.[1];
		const input = fields().find((i) => i.name === name);
		if (input) {
			fault(input, said);
			form.querySelector("details").open = true;
			input.focus();
		}
		return Boolean(input);
	};

	const valid = () => {
		let first = null;
		for (const input of fields()) {
			const bad = !input.validity.valid;
			const ranged = input.min !== undefined && input.min !== "";
			fault(input, bad ? (ranged ? text("range", { least: input.min, most: input.max }) : input.validationMessage) : "");
			first ||= bad ? input : null;
		}
		if (first) {
			form.querySelector("details").open = true;
			first.focus();
		}
		return !first;
	};

	// args are the flags that are not as they are anyway, then the arguments.
	const args = () => {
		const flags = [];
		let rest = [];
		for (const input of fields()) {
			if (input.name === "args") {
				rest = input.value.split(/\s+/).filter(Boolean);
			} else if (input.type === "checkbox") {
				if (input.checked !== input.defaultChecked) {
					flags.push(`--${input.name}=${input.checked}`);
				}
			} else {
				const usual = input.options ? [...input.options].find((o) => o.defaultSelected)?.value ?? "" : input.defaultValue;
				if (input.value !== usual) {
					flags.push(`--${input.name}=${input.value}`);
				}
			}
		}
		return rest.length > 0 ? [...flags, "--", ...rest] : flags;
	};

	// take shows a line of the stream, and returns what came of the run, if that is the last line.
	const take = (line) => {
		const said = JSON.parse(line);
		if (said.html) {
			show(said.html);
		} else if (said.progress) {
			progress(said.progress.text, said.progress.done, said.progress.total);
		} else if (said.timeline) {
			timeline.innerHTML = said.timeline;
		}
		return said.end;
	};

	const ended = (end) => {
		flush();
		running = null;
		if (end.ok) {
			state("ended", text("ended"));
		} else if (end.code === 130) {
			state("stopped", text("stopped"));
		} else {
			state("failed", refuse(end.error) || end.code !== 2 ? text("failed") : end.error);
		}
	};
	const failed = (said, report = "") => {
		flush();
		running = null;
		if (report) {
			showError(report);
		}
		state("failed", said);
	};
	const stopped = (said) => {
		flush();
		running = null;
		state("stopped", said);
	};

	// program is the program of the page, loaded once.
	let loaded = null;
	const program = async (signal) => {
		if (loaded) {
			return loaded;
		}
		const answer = await fetch(new URL("cookbook.wasm.gz", assets), { signal });
		if (!answer.ok) {
			throw new Error(`${answer.status} ${answer.statusText}`);
		}
		const total = Number(answer.headers.get("Content-Length")) || 0;
		const pieces = [];
		let done = 0;
		for (const reader = answer.body.getReader(); ; ) {
			const piece = await reader.read();
			if (piece.done) {
				break;
			}
			pieces.push(piece.value);
			done += piece.value.length;
			const mb = (n) => (n / 1e6).toFixed(1);
			progress(text("loading", { done: mb(done), total: mb(Math.max(total, done)) }), done, total);
		}
		let stream = new Blob(pieces).stream();
		if (pieces[0]?.[0] === 0x1f && pieces[0][1] === 0x8b) { // else the server has told the browser to unpack it
			stream = stream.pipeThrough(new DecompressionStream("gzip"));
		}
		loaded = await WebAssembly.compile(await new Response(stream).arrayBuffer());
		return loaded;
	};

	const runInPage = async (flags) => {
		if (location.protocol === "file:") {
			state("failed", text("file"));
			return;
		}
		const loading = new AbortController();
		running = () => loading.abort();
		state("loading", text("loading", { done: "0.0", total: "…" }));
		let code;
		try {
			code = await program(loading.signal);
		} catch (err) {
			if (loading.signal.aborted) {
				stopped(text("stopped"));
			} else {
				failed(text("lacking", { error: err.message }));
			}
			return;
		}
		if (loading.signal.aborted) {
			stopped(text("stopped"));
			return;
		}
		state("running", text("running"));
		const worker = new Worker(new URL("worker.js", assets));
		let timer = 0;
		let end = null;
		const close = () => {
			clearTimeout(timer);
			worker.terminate();
		};
		const tell = (word, over) => { // and end it by force if it does not listen
			clearTimeout(timer);
			worker.postMessage({ word });
			timer = setTimeout(() => {
				close();
				over();
			}, grace);
		};
		timer = setTimeout(() => tell("timeout", () => failed(text("forced"))), timeout);
		running = () => tell("stop", () => stopped(text("stopped")));
		worker.onmessage = ({ data }) => {
			if (data.says) {
				end = take(data.says) || end;
				return;
			}
			close();
			if (end) {
				ended(end);
			} else {
				failed(text("closed"), data.report);
			}
		};
		worker.onerror = (event) => {
			close();
			failed(text("lacking", { error: event.message || "worker.js" }));
		};
		worker.postMessage({ run: [recipe, ...flags], program: code });
	};

	const runAtServer = async (flags) => {
		const going = new AbortController();
		running = () => going.abort();
		state("running", text("running"));
		try {
			const answer = await fetch(new URL("../run", assets), {
				method: "POST", headers: { "Content-Type": "application/json" }, signal: going.signal,
				body: JSON.stringify({ recipe, args: flags, page: tab }),
			});
			if (!answer.ok) {
				const said = (await answer.json()).error;
				failed(refuse(said) ? text("failed") : said);
				return;
			}
			let rest = "";
			for (const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader(); ; ) {
				const piece = await reader.read();
				if (piece.done) {
					break;
				}
				const lines = (rest + piece.value).split("\n");
				rest = lines.pop();
				for (const line of lines) {
					const end = take(line);
					if (end) {
						ended(end);
						return;
					}
				}
			}
			failed(text("closed"));
		} catch (err) {
			if (going.signal.aborted) {
				stopped(text("stopped"));
			} else {
				failed(text("lacking", { error: err.message }));
			}
		}
	};

	form.addEventListener("submit", (event) => {
		event.preventDefault();
		if (running || !valid()) {
			return;
		}
		transcript.textContent = timeline.textContent = "";
		(where === "serve" ? runAtServer : runInPage)(args());
	});
	stop.addEventListener("click", () => running?.());
})();
