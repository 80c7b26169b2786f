// Package transcript records what a recipe says and checks it against what the recipe promises.
//
// A recipe writes to a [Log]: lines spoken by named actors, notes that explain, checks that claim. Every [Event] goes to a
// [Sink], which draws it (annotated, plain, JSON lines), and past a [Matcher], which compares it with the recipe's [Promise].
//
// # The promise language
//
// A promise is a text file. Each line says that a line is expected, and how firmly its place is fixed:
//
//	MARK ACTOR  PATTERN
//
// Mark and actor are separated by blanks; actor and pattern by at least two blanks or a tab, so an actor's name may hold
// single blanks. Empty lines and lines that begin with # count for nothing. The marks:
//
//	=  exactly here: this line stands in this place among all = lines of the run
//	~  in its actor's own order (which = lines share); free against other actors
//	*  any number of times, zero included, anywhere among its actor's lines
//	✓  a check with this claim is made, once; checks have no order and no actor
//	-- alone on a line: all = and ~ lines above come before any = or ~ line below
//
// [Marks] is their table. An actor's lines must come in the order of the file, = and ~ together; all = lines, of whatever actor,
// must come in the order of the file; no other line may come. A -- stands where threads are joined or all meet. A line is tried
// against its actor's next = or ~ line first, then against its actor's * lines. After a line that nobody promised the comparison
// finds its way back, as that of two texts does: one fault in a recipe breaks one line (see [Matcher]).
//
// A pattern is literal text with holes in braces ({{ and }} stand for the braces themselves). Blanks at the two ends of a
// line are not compared, and a run of blanks stands for any other, so the columns of a table may be aligned.
//
//	{item:int}     a named hole: filled with the same text wherever the name stands in the file
//	{item}         the same hole again, in this or another line
//	{:float}       a hole without a name
//	{n:0..1000}    a hole for an integer of that range
//	{r=0..9}       not a hole but a family: the line stands for ten lines, r = 0 to 9
//	{r}, {r+1}, {2*r-1}   the family's number, or one computed from it
//	{r*r for r=0..9}      a list: the ten numbers with blanks between them
//
// A line fits if there is any filling of its holes with which it does; the first one found holds for later lines. The types are int, float, time (15:04:05, fractions allowed), duration (as Go prints it), pid, word (no blanks) and text
// (anything, one character at least).
//
// What stands between repeat and end is repeated, and a hole that gets its type inside is a fresh hole in each turn:
//
//	repeat i=1..5
//	  ~ consumer  consumer is waiting.
//	  = producer  producer notify : produced item number {item:0..1000}
//	  = consumer  Consumer notify : consumed item number {item}
//	  --
//	end
//	= main  program terminated
//	✓ every item was consumed
//
// # What the run was given
//
// A promise follows the flags of the run: --items is the value of that flag, $1 the first argument that is no flag, $# their
// number. They stand wherever a number may: in braces ({--items} items are left), in the range of a hole, a family, a list or a
// repeat ({:1..--capacity}, repeat i=1..--items). A range counts upwards; one whose end is below its begin has no numbers.
//
// What stands between when and end (or else) is part of the promise only if the condition holds:
//
//	when --exit-after == 0
//	  = main  both have made all their ticks
//	else
//	  = main  both have ended
//	end
//
// Expressions have whole numbers, texts ("with"), durations (200ms), true and false; + - * / %, min(a, b), max(a, b),
// if(condition, a, b), parentheses; == != < <= > >=, and, or, not. Durations are compared, not computed. A number gets a name by
//
//	let last = --items-1
//
// which holds to the end of the block that it stands in. A minus between a flag and a name needs blanks: --ranks - i.
//
//	unmatched the names are yours
//
// says that the promise says nothing of this run, and why. Its lines are then not compared; the reason stands below them. A promise
// that stands for more than 10,000 lines because of the flags is such a case.
//
// # What a promise leaves open on purpose
//
// Runs in many orders show where a promise is looser than it need be (see [Orders.Loose]). Where this is meant, a comment says why:
//
//	# loose: only a pause decides which of the two is first
//	~ Thread-A  Thread-A is here
//	~ Thread-B  Thread-B is here
//
// It speaks of the lines below it up to an empty line, another comment or --, and of a repeat or when among them as a whole. In the
// comment at the top of the file, with an empty line below it, it speaks of all lines.
//
// # What = may be claimed for
//
// The log's order is the order of the calls. A recipe that prints before it releases and after it acquires has its order
// from synchronisation, and only then is = true: promises must hold with every pause removed (SpeedMax) and with random
// pauses between any two lines ([NewStress]). When a call to the log goes on is the decision of a [Scheduler].
//
// # The wire form
//
// A child process speaks into its parent's log over a two-way stream; see [Log.Serve] and [Dial]. A child's call returns
// when the parent has recorded the line, so the order of the calls is the order of the log across processes too.
package transcript
