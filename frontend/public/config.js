// Settings at run time, which override those of the build: issuer, clientId, apiUrl, dpop.
window.__CONFIG__ = {};
