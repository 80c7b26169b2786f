package site

import (
	"errors"
	"html/template"

	"cookbook/internal/catalog"
	"cookbook/internal/site/live"
	"cookbook/internal/site/live/page"
	"cookbook/internal/site/recording"
	"cookbook/internal/timeline"
)

// run sets how the recipe is run, and what a recorded run said.
func (b *builder) run(e catalog.Entry, v *recipeView) error {
	v.Run = template.HTML(live.Form(e, page.Where(e, b.Serve), &b.texts.run))
	recorded := b.Recorded
	if recorded == nil {
		recorded = func(e catalog.Entry) (recording.Recording, error) { return recording.Read(e.ID) }
	}
	r, err := recorded(e)
	if none := (*recording.NotRecordedError)(nil); errors.As(err, &none) {
		return nil
	}
	if err != nil {
		return err
	}
	_, promise, err := e.Prepare()
	if err != nil {
		return err
	}
	v.Transcript = template.HTML(live.HTML(r.Events, live.Heading(e, promise)))
	v.About = b.texts.say("about", e.ID, r.About.Date, r.About.Cores, r.About.Go, r.About.System)
	if len(r.Timeline.Lanes) == 0 {
		return nil
	}
	picture, err := r.Timeline.SVG(timeline.Look{Title: e.ID + " · " + v.Title, Embed: true})
	v.Picture = template.HTML(picture)
	return err
}
