// Not a module: it runs before the first paint, so that a page that was switched to dark never flashes white.
(() => {
  try {
    const chosen = localStorage.getItem("anomalyhive.theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // A browser that lets nothing be kept: the page follows the system.
  }
})();
