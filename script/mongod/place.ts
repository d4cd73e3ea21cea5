/** Where `npm run mongod` puts the MongoDB server that the tests start: in the checkout, outside of git. */
export const mongodFolder = new URL('../../.mongod/', import.meta.url).pathname;
export const mongodFile = `${mongodFolder}mongod`;
