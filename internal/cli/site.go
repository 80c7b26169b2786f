package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"cookbook/internal/catalog"
	"cookbook/internal/command"
	"cookbook/internal/machine"
	"cookbook/internal/site"
	"cookbook/internal/site/recording"
)

// siteOptions are the flags of the command site.
type siteOptions struct {
	language string
	force    bool
	record   bool
}

func newSite(a *app) *cobra.Command {
	o := &siteOptions{}
	cmd := &cobra.Command{
		Use:   "site DIR",
		Short: "Write the whole cookbook as a site of static pages",
		Long: `Write all recipes as pages into the folder DIR: explanations, sources side by side, a recorded run with its promises, the glossary,
and a search. The pages load nothing from elsewhere and need no server: open DIR/index.html in a browser. An older site in DIR is
replaced; a folder with other files is refused.`,
		Example: `  cookbook site pages
  cookbook site pages --record`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.world.refuse("site", "cookbook site"); err != nil {
				return err
			}
			if len(args) != 1 || args[0] == "" {
				return usagef("site takes the name of a folder, as in: cookbook site pages")
			}
			return o.run(cmd.Context(), a, args[0])
		},
		ValidArgsFunction: folders,
	}
	f := cmd.Flags()
	f.StringVar(&o.language, "language", "en", "the `language` of the pages, one of: "+strings.Join(site.Languages(), ", "))
	f.BoolVar(&o.record, "record", false, "run each recipe here, and show these runs; takes about half a minute")
	f.BoolVar(&o.force, "force", false, "write into a folder with other files, over those of the same names; others stay")
	return cmd
}

func (o *siteOptions) run(ctx context.Context, a *app, dir string) error {
	options := site.Options{Catalog: a.catalog, Language: o.language, Version: version()}
	if err := isFolder(dir); err != nil {
		return err
	}
	bar := a.Bar()
	if o.record {
		done, total := 0, len(a.catalog.Entries())
		options.Recorded = func(e catalog.Entry) (recording.Recording, error) {
			bar.Draw(e.ID, done, total)
			done++
			return a.record(ctx, e)
		}
	}
	written, err := site.Write(ctx, dir, options, o.force)
	bar.Clear()
	if other := new(site.OtherFilesError); errors.As(err, &other) {
		return usagef("%w; choose another folder, or --force to write over files of the same names", other)
	}
	if unknown := new(site.LanguageError); errors.As(err, &unknown) {
		return usagef("--language: %w", unknown)
	}
	if err != nil {
		return fmt.Errorf("the site could not be written to %s: %w", command.Shown(dir), err)
	}
	fmt.Fprintf(a.Out, "The site is in %s: %d recipes, %d files, %.1f MB\n\n", command.Shown(dir), written.Recipes, written.Files, float64(written.Bytes)/1e6)
	index, err := filepath.Abs(filepath.Join(dir, "index.html"))
	if err != nil {
		return err
	}
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(index)}
	fmt.Fprintf(a.Out, "    %-40s  # look at it\n    %-40s  # the same pages, in which every recipe runs\n", address.String(), "cookbook serve")
	return nil
}

// record runs a recipe for its page. One whose needs are not here has no recording.
func (a *app) record(ctx context.Context, e catalog.Entry) (recording.Recording, error) {
	if need, err := machine.Missing(ctx, e.NeedsAt(catalog.Place{})); err != nil {
		fmt.Fprintf(a.Err, "%s is not recorded: it needs %s: %v\n", e.ID, need, err)
		return recording.Recording{}, &recording.NotRecordedError{Recipe: e.ID}
	}
	return recording.Record(ctx, e)
}
