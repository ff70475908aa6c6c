it("kills its process", () => {
  process.kill(process.pid, "SIGKILL");
});
