-- Texts that are copies of one another but for a few words: the same review on two platforms under
-- two names, a text that many send in. One row a text of such a group.
-- @column interaction_id: The text.
-- @column first_id: The text of the group that counts for all: the least id.
-- @column copies: How many texts the group has.
-- @column likeness: The share of pieces of five characters that it has in common with the first.
SELECT id AS interaction_id, first_id, copies, likeness
FROM
  near_duplicates(
    (SELECT interaction_id AS id, text FROM staging.interactions WHERE by_people)
  )
