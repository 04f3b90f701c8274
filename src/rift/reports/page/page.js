// Sorts a table's rows within each group by the heading that was pressed; undefined values stay last.
for (const button of document.querySelectorAll("table.sortable button")) {
  button.addEventListener("click", () => {
    const heading = button.closest("th");
    const table = button.closest("table");
    const place = Number(button.dataset.place);
    const descending = heading.getAttribute("aria-sort") === "none" ? place > 0 : heading.getAttribute("aria-sort") === "ascending";
    for (const other of heading.parentNode.children) other.setAttribute("aria-sort", "none");
    heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const keyOf = (row) => {
      if (place === 0) return row.cells[0].textContent;
      let at = 0;
      for (const cell of row.cells) {
        if (place < at + cell.colSpan) return cell.dataset.key === undefined ? null : Number(cell.dataset.key);
        at += cell.colSpan;
      }
      return null;
    };
    for (const body of table.tBodies) {
      const rows = [...body.rows].filter((row) => !row.classList.contains("group"));
      const keyed = rows.map((row) => [keyOf(row), row]);
      keyed.sort(([a], [b]) => {
        if (a === null || b === null) return (a === null) - (b === null);
        const order = typeof a === "string" ? a.localeCompare(b) : a - b;
        return descending ? -order : order;
      });
      for (const [, row] of keyed) body.append(row);
    }
  });
}
