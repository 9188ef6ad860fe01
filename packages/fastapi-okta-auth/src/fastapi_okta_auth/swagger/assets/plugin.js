"use strict";

const HOW_TO =
  "Choose Authorize and sign in with Okta, or paste an access token. Then open a route and choose" +
  " Execute: the page sends your token and shows the response, and the same request for curl." +
  " A route with a lock needs a token.";
const HOW_TO_WITH_DPOP =
  "This API accepts only tokens that are bound to a key (DPoP, RFC 9449). This page cannot make the" +
  " proofs that they need: read about the routes here, and call them from an app that can.";

// What this page changes in Swagger UI (its documentation: "Plugin API").
function docsPlugin({ React: { createElement: h, useLayoutEffect, useRef } }) {
  // Swagger UI cannot make DPoP proofs, so it must not offer the scheme. /openapi.json still names it.
  const withoutDpop = (document) => {
    const { components } = document;
    delete components.securitySchemes.dpop;
    if (Object.keys(components.securitySchemes).length === 0) delete components.securitySchemes;
    return document;
  };

  // A native dialog keeps the focus inside, and starts with its first button. Swagger UI's is a <div>
  // that focuses its last field.
  const inDialog = (Popup) => (props) => {
    const dialog = useRef();
    useLayoutEffect(() => {
      const { current } = dialog;
      current.showModal();
      return () => current.close();
    }, []);
    const onClose = () => props.authActions.showDefinitions(false);
    return h("dialog", { ref: dialog, onClose, "aria-label": "Available authorizations" }, h(Popup, props));
  };

  const withHowTo = (Info, { specSelectors }) => (props) => {
    const text = specSelectors.securityDefinitions() ? HOW_TO : HOW_TO_WITH_DPOP;
    return h("div", null, h(Info, props), h("p", { className: "how-to" }, text));
  };

  // Without a scheme, the lock of a route has nothing to open.
  const ifUsable = (Lock, { specSelectors }) => (props) =>
    specSelectors.securityDefinitions() && h(Lock, props);

  return {
    statePlugins: {
      spec: {
        wrapActions: { updateJsonSpec: (update) => (document) => update(withoutDpop(document)) },
      },
      // A route's lock would show only its own scopes, and ask for all that are selected.
      auth: {
        wrapSelectors: {
          definitionsForRequirements: (_, { authSelectors }) => () => authSelectors.definitionsToAuthorize(),
        },
      },
    },
    // Swagger UI's is a link, which must not be within the button that opens a route.
    components: { DeepLink: ({ text }) => h("span", null, text) },
    wrapComponents: {
      InfoContainer: withHowTo,
      authorizationPopup: inDialog,
      authorizeOperationBtn: ifUsable,
    },
  };
}
