// Shows people why the gateway refused something, in web clients that say nothing of it themselves.
// Have the page load it before the client's own script.
{
  const send = window.fetch;
  window.fetch = async (...request) => {
    const answer = await send(...request);
    if (answer.status === 403) {
      const told = await answer.clone().json().catch(() => ({}));
      if (told["org.borderpost.reason"]) show(told.error);
    }
    return answer;
  };

  function show(sentence) {
    const note = document.createElement("div");
    note.setAttribute("role", "alert");
    note.textContent = sentence;
    note.style.cssText =
      "position: fixed; top: 72px; left: 50%; transform: translateX(-50%); z-index: 1000; padding: 12px 16px;" +
      "border-radius: 8px; background: #17191c; color: #fff; font: 16px sans-serif; cursor: pointer";
    note.onclick = () => note.remove();
    setTimeout(note.onclick, 10_000);
    document.body.append(note);
  }
}
