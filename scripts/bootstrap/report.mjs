/** Runs `work` and prints one aligned line with its seconds, as the embedded stack does. */
export async function timed(label, work) {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const reminder = setInterval(() => console.error(`  ... ${label} ... ${seconds().toFixed(0)} s`), 10_000);
  try {
    const value = await work();
    console.error(`  ${label.padEnd(79)} ${seconds().toFixed(1).padStart(5)} s`);
    return value;
  } finally {
    clearInterval(reminder);
  }
}
