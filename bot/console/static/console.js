"use strict";
// Every page works without this file. It keeps counts and the conversation fresh without
// touching what is being typed, and guards against sending twice or losing words.
(() => {
  document.documentElement.classList.add("scripted");

  const COUNTS_EVERY = 30000;
  const NEWS_EVERY = 15000;

  function every(milliseconds, work) {
    let running = false;
    setInterval(async () => {
      if (document.hidden || running) return;
      running = true;
      try { await work(); } catch { /* the next time may do */ } finally { running = false; }
    }, milliseconds);
  }

  async function ask(address) {
    const answer = await fetch(address, { headers: { accept: "application/json" } });
    if (answer.status === 401) {
      document.querySelector("[data-signed-out]").hidden = false;
      return null;
    }
    document.querySelector("[data-signed-out]").hidden = true;
    return answer.ok ? answer.json() : null;
  }

  // The queue: new numbers on the tabs; the rows stay until they are asked for.
  const tabs = document.querySelector("[data-counts]");
  if (tabs) {
    every(COUNTS_EVERY, async () => {
      const counts = await ask(tabs.dataset.counts);
      if (!counts) return;
      for (const count of tabs.querySelectorAll("[data-count]")) {
        const now = String(counts[count.dataset.count]);
        if (count.textContent !== now) {
          count.textContent = now;
          document.querySelector("[data-changed]").hidden = false;
        }
      }
    });
  }

  // The conversation: when the family wrote, its lines are replaced and the reply box is not.
  const talk = document.querySelector("[data-news]");
  if (talk && !new URLSearchParams(location.search).has("before")) {
    every(NEWS_EVERY, async () => {
      const news = await ask(`${talk.dataset.news}?seen=${talk.dataset.seen}`);
      if (!news) return;
      const others = document.querySelector("[data-others]");
      if (others) {
        others.hidden = !news.others;
        others.querySelector("[data-names]").textContent = news.others;
      }
      if (!news.unread) return;
      const page = location.pathname.replace(/\/(claim|accept|return|note|reply|hand-back|settle|assign|do\/[a-z_]+)$/, "");
      const answer = await fetch(page);
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const freshTalk = fresh.getElementById("talk");
      if (!freshTalk) return;
      for (const id of ["lines", "allowance"]) {
        const [mine, theirs] = [document.getElementById(id), fresh.getElementById(id)];
        if (mine && theirs) mine.replaceChildren(...theirs.childNodes);
      }
      talk.dataset.seen = freshTalk.dataset.seen;
      const seen = talk.querySelector("input[name=seen]");
      if (seen) seen.value = freshTalk.dataset.seen;
    });
  }

  // A canned reply goes into the box, after what is there.
  document.addEventListener("click", (event) => {
    const canned = event.target.closest("[data-canned]");
    const box = document.getElementById("text");
    if (!canned || !box) return;
    event.preventDefault();
    box.value = box.value.trim() ? `${box.value}\n${canned.dataset.canned}` : canned.dataset.canned;
    box.focus();
  });

  // One press sends once; coming back to the page makes its buttons work again.
  let sending = false;
  document.addEventListener("submit", (event) => {
    // A download leaves the page as it is.
    if (event.target.action.endsWith("/export")) return;
    if (sending) { event.preventDefault(); return; }
    sending = true;
    for (const button of event.target.querySelectorAll("button")) button.disabled = true;
  });
  window.addEventListener("pageshow", () => {
    sending = false;
    for (const button of document.querySelectorAll("form button")) {
      if (!button.hasAttribute("data-closed")) button.disabled = false;
    }
  });

  // Leaving with words that were not sent: ask first.
  window.addEventListener("beforeunload", (event) => {
    const unsent = [...document.querySelectorAll("textarea:not([readonly])")]
      .some((area) => area.value.trim() && area.value !== area.defaultValue);
    if (unsent && !sending) event.preventDefault();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) {
      event.target.form?.requestSubmit();
    }
  });
})();
