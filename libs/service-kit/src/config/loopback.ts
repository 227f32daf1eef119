/** Whether a host name, of a URL or to listen on, means this machine. Names are not resolved, except the one everybody knows. */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' ||
  hostname === '[::1]' ||
  hostname === '::1' ||
  /^127(?:\.\d{1,3}){3}$/.test(hostname);
