/* Keeps the changing part of the developer's page fresh; opened details stay open. */
(function () {
  "use strict";

  var live = document.getElementById("live");

  function refresh() {
    var request = new XMLHttpRequest();
    if (document.hidden || live.contains(document.activeElement)) { return; }
    request.open("GET", "/platform/live");
    request.onload = function () {
      var opened, scrolled, i, again;
      if (request.status !== 200 || live.innerHTML === request.responseText) { return; }
      opened = Array.prototype.map.call(
        live.querySelectorAll("details[open]"), function (element) { return element.id; }
      );
      scrolled = Array.prototype.map.call(
        live.querySelectorAll(".scroll"), function (element) { return element.scrollLeft; }
      );
      live.innerHTML = request.responseText;
      for (i = 0; i < opened.length; i += 1) {
        again = document.getElementById(opened[i]);
        if (again) { again.setAttribute("open", ""); }
      }
      Array.prototype.forEach.call(live.querySelectorAll(".scroll"), function (element, at) {
        element.scrollLeft = scrolled[at] || 0;
      });
    };
    request.send();
  }

  window.setInterval(refresh, 2000);
}());
