// Package live shows a run of a recipe on a page, as it goes: as HTML without inline styles or scripts, which the page's style sheet
// (live.css, of package page below this one) gives its look.
//
//	html.go   HTML: the events of a run, as they are on a page
//	sink.go   Sink: the same piece by piece, as a stream of JSON lines
//	form.go   Form: the flags of a recipe as the fields of a form, with a place for the run below
//	parse.go  Parse: what the form sends, as a run
//
// A run in the page and one of cookbook serve write the same stream. It has one JSON object a line, each with one key:
//
//	{"html":"<div …>…</div>"}                        append it to the transcript
//	{"progress":{"text":"…","done":3,"total":9}}     long work goes on; total is 0 if nobody knows it
//	{"timeline":"<svg …>"}                           what the actors did; after the end of the run
//	{"end":{"ok":true,"code":0,"error":"",…}}        the last line; see [Result]
package live
