const certificate = `-----BEGIN CERTIFICATE-----
MIIBajCCARGgAwIBAgIBATAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAtkb2NrZXIu
dGVzdDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFjEUMBIGA1UE
AwwLZG9ja2VyLnRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAS6rJi6KXMJ
NPK3iN8E2ONEanDT1vwWBHCu6AC2h1r4BsbBuRp/iy5KUrtVJVNrxJRyPRQyuQTC
sijOexMAZn8zo04wTDAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwDwYDVR0T
AQH/BAUwAwEB/zAdBgNVHQ4EFgQUumtC/lN43N1LaWLAJJfiLwIIQxgwCgYIKoZI
zj0EAwIDRwAwRAIgAbAP7eoRzmgDMsL2GEceCZTe8+7Wt8MZ5cdAbEOA5igCIHHH
RxUVPsCCXRMALOVYzCa+uTbLVZO88dHkux3UsUC9
-----END CERTIFICATE-----`;
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgiwC1WNmoMYFeHHPI
f5nonWbHrET8EujnQ+PSTT6jfXihRANCAAS6rJi6KXMJNPK3iN8E2ONEanDT1vwW
BHCu6AC2h1r4BsbBuRp/iy5KUrtVJVNrxJRyPRQyuQTCsijOexMAZn8z
-----END PRIVATE KEY-----`;

/**
 * What `DOCKER_CERT_PATH` holds, by file name: one certificate for `localhost` and 127.0.0.1 that vouches for itself and serves authority, daemon and client
 * alike. For tests only.
 */
export const DOCKER_CERTIFICATES = { 'ca.pem': certificate, 'cert.pem': certificate, 'key.pem': key } as const;
