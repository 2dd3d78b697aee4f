/* Sorts by a column's head, filters by words and verdicts. The characters
 * that XML would have to escape do not occur here. */
(function () {
	"use strict";
	var table = document.getElementById("table");
	var form = document.getElementById("filter");
	var find = document.getElementById("find");
	var shown = document.getElementById("shown");
	var panels = document.getElementById("panels");
	var rows, boxes;

	if (!table)
		return;
	rows = Array.from(table.tBodies[0].rows);
	boxes = Array.from(form.querySelectorAll("input[type=checkbox]"));

	function panel(row) {
		return document.getElementById(row.dataset.panel);
	}

	/* Unknown figures come last, whichever way. */
	function compare(a, b, column, sign) {
		var x = a.cells[column].dataset.v, y = b.cells[column].dataset.v;

		if (x === undefined)
			return sign * a.cells[column].textContent.localeCompare(
				b.cells[column].textContent, "en",
				{ numeric: true });
		if (x === "" || y === "")
			return (x === "") - (y === "");
		return sign * (Number(x) - Number(y));
	}

	function sort(head, column) {
		var down = head.getAttribute("aria-sort") === "ascending";

		Array.from(head.parentNode.cells).forEach(function (h) {
			h.removeAttribute("aria-sort");
		});
		head.setAttribute("aria-sort", down ? "descending" : "ascending");
		rows.sort(function (a, b) {
			return compare(a, b, column, down ? -1 : 1);
		});
		rows.forEach(function (row) {
			table.tBodies[0].appendChild(row);
			panels.appendChild(panel(row));
		});
	}

	function filter() {
		var words = find.value.toLowerCase().split(/\s+/);
		var wanted = {}, n = 0;

		boxes.forEach(function (box) {
			wanted[box.value] = box.checked;
		});
		rows.forEach(function (row) {
			var text = row.cells[0].textContent.toLowerCase();
			var hide = !wanted[row.dataset.verdict] ||
				!words.every(function (word) {
					return text.includes(word);
				});

			row.hidden = hide;
			panel(row).hidden = hide;
			n += hide ? 0 : 1;
		});
		shown.textContent = n + " of " + rows.length + " shown";
	}

	Array.from(table.tHead.rows[0].cells).forEach(function (head, i) {
		var button = document.createElement("button");

		button.type = "button";
		button.textContent = head.textContent;
		button.addEventListener("click", function () {
			sort(head, i);
		});
		head.textContent = "";
		head.appendChild(button);
	});
	form.addEventListener("submit", function (event) {
		event.preventDefault();
	});
	form.addEventListener("input", filter);
	form.hidden = false;
	filter();
}());
