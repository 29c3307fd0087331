-- The schema of a database that was never migrated, as `pg_dump --schema-only` writes it.
SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET default_table_access_method = heap;

CREATE TABLE public.contracts (
    id bigint NOT NULL,
    title text NOT NULL
);

ALTER TABLE public.contracts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.contracts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.extractions (
    id bigint NOT NULL,
    contract_id bigint NOT NULL,
    status character varying(20) DEFAULT 'pending'::character varying NOT NULL
);

ALTER TABLE public.extractions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.extractions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.extractions
    ADD CONSTRAINT extractions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.extractions
    ADD CONSTRAINT extractions_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contracts(id);
