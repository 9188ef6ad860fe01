// The same routes in express: node server.js <okta|bearer> <port>
import OktaJwtVerifier from "@okta/jwt-verifier";
import cors from "cors";
import express from "express";
import { auth } from "express-oauth2-jwt-bearer";

const [, , kind, port] = process.argv;
const issuer = process.env.OKTA_ISSUER;
const [clientId] = process.env.OKTA_CLIENT_ID.split(",");

function okta() {
  const verifier = new OktaJwtVerifier({
    issuer,
    clientId,
    assertClaims: { cid: clientId },
    testing: { disableHttpsCheck: true },
  });
  return async (request, response, next) => {
    const [, token] = (request.headers.authorization ?? "").match(/^Bearer (.+)$/) ?? [];
    try {
      await verifier.verifyAccessToken(token, "api://default");
    } catch {
      response.status(401).json({ error: "Unauthorized" });
      return;
    }
    next();
  };
}

function bearer() {
  return auth({
    issuer,
    jwksUri: `${issuer}/v1/keys`,
    audience: "api://default",
    tokenSigningAlg: "RS256",
  });
}

const app = express();
app.use(cors({ origin: "http://localhost:3000" }));
app.use({ okta, bearer }[kind]());
app.get("/hello/:name", (request, response) => response.json({ message: `Hello, ${request.params.name}` }));
app.listen(Number(port), "127.0.0.1");
