// The token of this dashboard, from the fragment of the address that the command printed. The browser sends fragments
// to nobody; here it is kept for this tab alone and taken out of the address bar, and so out of history and screenshots.

const KEY = "anomalyhive.token";

/** The token, or null: then the page can be read, and nothing can be started or paused. */
export function takeToken() {
  const found = /^#\/?(?:[^?]*\?)?(?:.*&)?token=([A-Za-z0-9_.~-]{1,200})/.exec(location.hash);
  if (found) {
    history.replaceState(null, "", `${location.pathname}#/hive`);
    keepToken(found[1]);
    return found[1];
  }
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** Keep a token for this tab, or forget it if it is null. */
export function keepToken(token) {
  try {
    if (token === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, token);
  } catch {
    // Nothing may be kept: the token is there until the page is loaded again.
  }
}
