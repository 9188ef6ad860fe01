"use strict";

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

const signIn = JSON.parse(document.getElementById("sign-in").textContent);

// All URLs are relative to the page, so that it works behind a path too.
const ui = SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: "openapi.json",
  oauth2RedirectUrl: new URL("docs/oauth2-redirect", location.href).href,
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  plugins: [docsPlugin],
  onComplete: () => ui.initOAuth({ ...signIn, scopes: allScopes() }),
});

// Every scope that a route requires is selected at first, and those of OpenID Connect.
function allScopes() {
  const schemes = ui.specSelectors.securityDefinitions()?.toJS() ?? {};
  return Object.keys(schemes.okta?.flows.authorizationCode.scopes ?? {});
}
