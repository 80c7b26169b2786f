// Package browsertest tests the site in a real browser: chromium, driven by chromedriver through the protocol WebDriver. It has tests
// alone. Where one of the two is missing they are skipped, unless COOKBOOK_TEST_REQUIRE names chromium.
//
//	webdriver_test.go  the protocol: sessions and their commands
//	tab_test.go        what tests do with a page
//	site_test.go       the site, from a server and from files
//	pictures_test.go   the pictures of the README: make pictures
//
// With COOKBOOK_SCREENSHOTS=DIR the tests write what they look at into DIR.
package browsertest
