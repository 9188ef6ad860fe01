// What is put here at run time wins over what was built in: issuer, clientId, apiUrl, dpop.
window.__CONFIG__ = {};
