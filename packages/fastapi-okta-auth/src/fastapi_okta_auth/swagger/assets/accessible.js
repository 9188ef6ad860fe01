"use strict";

// What a screen reader or the keyboard needs, and Swagger UI's elements lack.
const ATTRIBUTES = {
  // Landmarks
  ".information-container": { role: "banner" },
  ".scheme-container": { role: "region", "aria-label": "Server and sign-in" },
  ".responses-table": { role: "table" },
  ".errors-wrapper": { role: "alert" },
  // Names
  "#servers": { "aria-label": "Server" },
  ".body-param__text": { "aria-label": "Request body" },
  ".close-modal": { "aria-label": "Close" },
  // Levels of headings, without gaps
  ".opblock-tag": { "aria-level": "2" },
  "main h4": { "aria-level": "3" },
  "main h5": { "aria-level": "4" },
  ".modal-ux h6": { "aria-level": "5" },
  // Scrolling with the keyboard
  ".microlight": { tabindex: "0" },
};

function complete() {
  for (const [selector, attributes] of Object.entries(ATTRIBUTES))
    for (const element of document.querySelectorAll(selector))
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

new MutationObserver(complete).observe(document.getElementById("swagger-ui"), {
  childList: true,
  subtree: true,
});
