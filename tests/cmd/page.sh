#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The page in a real browser: sorted and filtered by its script, right without
# it, and no script of others.
. "$(dirname "$0")/../lib.sh"

cd "$TMP" || exit 1
export ASIBENCH_DB=$TMP/r.db
EVIL='<script>document.title="pwned"</script><img src=x onerror=alert(1)>'

measure() {
	"$ASIBENCH" run --series s --rev "$1" --select null --select syscall.getpid \
		--select fault.anon_read --budget 30 --runs 2
}
t "a revision is measured" measure v1
t "and one with a name that a browser would obey" measure "$EVIL"

page() {
	"$ASIBENCH" report --base v1 --new "$EVIL" --format html >page.html &&
		grep -qF '&lt;script&gt;document.title=&quot;pwned' page.html &&
		! grep -qF '<script>document' page.html
}
t "the page has the name, harmless" page
t "compare has no page" fails 2 "$ASIBENCH" compare --format html
if command -v xmllint >/dev/null; then
	t "it is well-formed" xmllint --noout page.html
else
	skip "it is well-formed" "xmllint is not installed"
fi

for browser in chromium chromium-browser google-chrome; do
	command -v "$browser" >/dev/null && break
	browser=
done
# dom FILE: what the browser makes of it, once its scripts have run.
dom() {
	timeout 60 "$browser" --headless --no-sandbox --disable-gpu \
		--user-data-dir="$TMP/profile" --dump-dom "file://$TMP/$1" 2>/dev/null
}
# The same page with a script behind its own that does what a reader would,
# which the page's policy would not let run.
driven() {
	sed -e '/http-equiv="Content-Security-Policy"/d' \
		-e "s|^</body>|<script>$1</script></body>|" page.html >driven.html
	dom driven.html >dom.html
}
# Names of the table's rows that are shown, in order.
rows() {
	grep -o '<tr data-panel=[^>]*><td class="name"><a[^>]*><bdi>[^<]*' dom.html |
		grep -v 'hidden=""' | sed 's/.*<bdi>//'
}
names() {
	sed -n 's/.*<tr data-panel="[^>]*><td class="name"><a[^>]*><bdi>\([^<]*\).*/\1/p' page.html
}
sorted() {
	driven 'document.querySelector("th button").click()' &&
		[ "$(rows)" = "$(names | LC_ALL=C sort)" ] && [ "$(rows | wc -l)" -ge 3 ]
}
backwards() {
	driven 'document.querySelector("th button").click();document.querySelector("th button").click()' &&
		[ "$(rows)" = "$(names | LC_ALL=C sort -r)" ]
}
filtered() {
	driven 'document.getElementById("find").value="USER null";document.getElementById("find").dispatchEvent(new Event("input",{bubbles:true}))' &&
		[ "$(rows)" = "null user" ] && grep -q '1 of [0-9]* shown' dom.html
}
emptied() {
	driven 'document.querySelectorAll("form input[type=checkbox]").forEach(function(b){b.click()})' &&
		[ -z "$(rows)" ]
}
own_only() {
	dom page.html >dom.html && grep -q '<th scope="col" class=""><button' dom.html &&
		! grep -q '<title>pwned' dom.html || return 1
	sed "s|^</body>|<script>document.title='pwned'</script></body>|" page.html >driven.html
	dom driven.html >dom.html && ! grep -q '<title>pwned' dom.html
}
without() {
	sed '/^<script>/,/<\/script>/d' page.html >driven.html
	dom driven.html >dom.html && [ "$(rows)" = "$(names)" ] &&
		grep -q '<form id="filter" hidden' dom.html
}
check() {
	if [ -n "$browser" ]; then
		t "$@"
	else
		skip "$1" "no Chromium is installed"
	fi
}
check "a column's head sorts" sorted
check "and turns round" backwards
check "words filter" filtered
check "so do verdicts" emptied
check "the page's own script is the only one that runs" own_only
check "without scripts all rows are there" without
