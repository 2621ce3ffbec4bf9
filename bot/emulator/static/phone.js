/* The phone page without reloading. Old phones are expected: no syntax newer than 2009. */
(function () {
  "use strict";

  var chat = document.getElementById("chat");
  var list = document.getElementById("people");
  var openid = chat ? chat.getAttribute("data-openid") : "";
  var shape = chat ? chat.getAttribute("data-shape") : "";
  var lines = document.getElementById("lines");
  var typing = document.getElementById("typing");
  var offline = document.getElementById("offline");
  var error = document.getElementById("error");
  var text = document.getElementById("text");
  var panel = document.getElementById("panel");
  var file = document.getElementById("file");
  var more = document.getElementById("more");
  var seq = chat ? Number(chat.getAttribute("data-seq")) : 0;
  var pause = 1000;

  function show(element, visible) {
    if (element) { element.hidden = !visible; }
  }

  var reading = false; /* scrolled back: new lines must not pull the page away */

  function toEnd() {
    if (lines) { lines.scrollTop = lines.scrollHeight; reading = false; }
  }

  if (lines) {
    lines.addEventListener("scroll", function () {
      reading = lines.scrollHeight - lines.scrollTop - lines.clientHeight > 200;
    });
    /* Pictures have no height until they are loaded; "load" does not bubble. */
    lines.addEventListener("load", function () { if (!reading) { toEnd(); } }, true);
  }

  /* -- who has new messages ------------------------------------------------------------------ */

  function seen(who, value) {
    try {
      if (value !== undefined) { window.localStorage.setItem("seen-" + who, String(value)); }
      return Number(window.localStorage.getItem("seen-" + who) || 0);
    } catch (denied) {
      return 0;
    }
  }

  function markNew(item) {
    var who = item.getAttribute("data-openid");
    var last = Number(item.getAttribute("data-seq"));
    if (who === openid) { seen(who, last); }
    item.className = last > seen(who) ? "new" : "";
  }

  function entry(person) {
    var item = document.createElement("li");
    var link = document.createElement("a");
    var face = document.createElement("span");
    var who = document.createElement("span");
    var name = document.createElement("b");
    var last = document.createElement("small");
    var dot = document.createElement("i");
    item.setAttribute("data-openid", person.openid);
    item.setAttribute("data-seq", person.seq);
    link.href = "/phone/" + person.openid;
    if (person.openid === openid) { link.setAttribute("aria-current", "page"); }
    face.className = "face c" + person.colour;
    face.textContent = person.initial;
    who.className = "who";
    name.textContent = person.name;
    last.textContent = person.last;
    dot.className = "dot";
    who.appendChild(name);
    who.appendChild(last);
    link.appendChild(face);
    link.appendChild(who);
    link.appendChild(dot);
    item.appendChild(link);
    markNew(item);
    return item;
  }

  function refresh(answer) {
    var i;
    if (answer.reload || (chat && answer.shape !== undefined && answer.shape !== shape)) {
      window.location.replace(window.location.pathname);
      return false;
    }
    seq = answer.seq;
    if (answer.people) {
      list.textContent = "";
      for (i = 0; i < answer.people.length; i += 1) { list.appendChild(entry(answer.people[i])); }
    }
    if (chat) {
      show(typing, answer.typing);
      if (answer.html) {
        lines.insertAdjacentHTML("beforeend", answer.html);
        if (!reading) { toEnd(); }
      }
    }
    return true;
  }

  /* -- what is new --------------------------------------------------------------------------- */

  function poll() {
    var request = new XMLHttpRequest();
    request.open("GET", "/updates?after=" + seq + "&openid=" + encodeURIComponent(openid));
    request.timeout = 40000;
    request.onload = function () {
      if (request.status !== 200) { again(); return; }
      pause = 1000;
      show(offline, false);
      if (refresh(JSON.parse(request.responseText))) { poll(); }
    };
    request.onerror = request.ontimeout = again;
    request.send();
  }

  function again() {
    show(offline, true);
    window.setTimeout(poll, pause);
    pause = Math.min(pause * 2, 8000);
  }

  /* -- doing something ----------------------------------------------------------------------- */

  var pressed = null;

  function send(form) {
    var request = new XMLHttpRequest();
    var data = new FormData(form);
    if (pressed && pressed.form === form && pressed.name) {
      data.append(pressed.name, pressed.value);
    }
    request.open("POST", form.getAttribute("action"));
    request.setRequestHeader("X-Quiet", "1");
    request.onload = function () {
      var words = "";
      try {
        words = JSON.parse(request.responseText).error || "";
      } catch (broken) {
        words = "没有发出去，请再试一次";
      }
      error.textContent = words;
      show(error, words !== "");
    };
    request.onerror = function () {
      error.textContent = "没有发出去，请再试一次";
      show(error, true);
    };
    request.send(data);
    pressed = null;
    if (text && form.contains(text)) { text.value = ""; grow(); }
    if (form.querySelector("input[type=file]")) { form.reset(); }
    if (panel && panel.contains(form)) { openPanel(false); }
    closeMenus(null);
    toEnd();
  }

  function grow() {
    text.rows = Math.min(5, text.value.split("\n").length);
  }

  function openPanel(open) {
    panel.className = open ? "panel open" : "panel";
    more.setAttribute("aria-expanded", String(open));
    toEnd();
  }

  function closeMenus(except) {
    var open = document.querySelectorAll(".menu details[open]");
    var i;
    for (i = 0; i < open.length; i += 1) {
      if (open[i] !== except) { open[i].removeAttribute("open"); }
    }
  }

  document.addEventListener("click", function (event) {
    var at = event.target;
    while (at && at !== document && at.tagName !== "BUTTON" && at.tagName !== "SUMMARY") {
      at = at.parentNode;
    }
    if (at && at.tagName === "BUTTON") { pressed = at; }
    closeMenus(at && at.tagName === "SUMMARY" ? at.parentNode : null);
  }, true);

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.hasAttribute("data-quiet") || !window.FormData) { return; }
    event.preventDefault();
    if (text && form.contains(text) && !text.value) { return; }
    send(form);
  });

  if (text) {
    text.addEventListener("input", grow);
    text.addEventListener("keydown", function (event) {
      /* 229: an input method is still composing Chinese. */
      if (event.keyCode === 13 && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
        event.preventDefault();
        pressed = null;
        if (text.value) { send(text.form); }
      }
    });
  }
  if (file) {
    file.addEventListener("change", function () {
      pressed = null;
      if (file.value) { send(file.form); }
    });
  }
  if (more) {
    document.body.className += " scripted";
    more.addEventListener("click", function () { openPanel(panel.className === "panel"); });
  }
  if (list) {
    Array.prototype.forEach.call(list.children, markNew);
  }
  toEnd();
  poll();
}());
