// Sets the colour scheme before the first paint, so that the page never flashes white.
try {
  const chosen = localStorage.getItem("mantine-color-scheme-value") ?? "auto";
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const scheme = chosen === "auto" ? (dark ? "dark" : "light") : chosen;
  document.documentElement.setAttribute("data-mantine-color-scheme", scheme);
} catch {
  document.documentElement.setAttribute("data-mantine-color-scheme", "light");
}
