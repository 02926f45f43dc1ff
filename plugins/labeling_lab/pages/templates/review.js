// One keystroke an answer: presses the button or link that shows the key. The page takes the focus,
// or, in Airflow's frame, the keys would go elsewhere.
document.getElementById("main").focus({ preventScroll: true });
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest("input, textarea, select")) return;
  document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`)?.click();
});
