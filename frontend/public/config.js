// Settings at run time, which override those of the build: issuer, clientId, apiUrl, dpop, console,
// idleMinutes.
window.__CONFIG__ = {};
