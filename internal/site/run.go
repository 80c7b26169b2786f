package site

import (
	"html/template"

	"cookbook/internal/catalog"
	"cookbook/internal/site/live"
	"cookbook/internal/site/live/page"
	"cookbook/internal/timeline"
)

// run sets how the recipe is run, and what a recorded run said.
func (b *builder) run(e catalog.Entry, v *recipeView) error {
	v.Run = template.HTML(live.Form(e, page.Where(e, b.Serve), &b.texts.run))
	if b.Recorded == nil {
		return nil
	}
	r, err := b.Recorded(e)
	if err != nil || r == nil {
		return err
	}
	_, promise, err := e.Prepare()
	if err != nil {
		return err
	}
	v.Transcript = template.HTML(live.HTML(r.Events, live.Heading(e, promise)))
	v.About = r.About
	if len(r.Timeline.Lanes) > 0 {
		picture, err := r.Timeline.SVG(timeline.Look{Title: e.ID + " · " + v.Title, Embed: true})
		if err != nil {
			return err
		}
		v.Picture = template.HTML(picture)
	}
	return nil
}
