// Runs before the first paint, so that the page does not flash in the wrong colours or size.
(function () {
  try {
    var root = document.documentElement;
    var theme = localStorage.getItem("motcua-theme");
    if (theme === "dark" || theme === "light") root.dataset.theme = theme;
    if (localStorage.getItem("motcua-large") === "1") root.dataset.large = "1";
  } catch (error) {
    // no storage: the defaults are fine
  }
})();
