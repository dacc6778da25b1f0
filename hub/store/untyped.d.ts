// The package's own declarations are not reachable through its exports; its API is better-sqlite3's, whose types are used.
declare module 'better-sqlite3-multiple-ciphers' {
  import Database from 'better-sqlite3';
  export default Database;
}
